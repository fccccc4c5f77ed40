/** What of the wire a vector of another origin pins, and which test says so. */
export interface WireForm {
  readonly family: 'STUN' | 'RTP' | 'RTCP' | 'SRTP' | 'keys' | 'stanza' | 'payload' | 'transport'
  readonly form: string
  /**
   * `bytes`: equal bit for bit; `parts`: every part is, not the whole; `facts`: names, orders and values of stanzas;
   * `library`: written or read by a library used by many; `names`: every word is in the dictionary of WhatsApp's binary
   * encoding, the rest is from reading; `none`: from reading alone.
   */
  readonly pinned: 'bytes' | 'parts' | 'facts' | 'library' | 'names' | 'none'
  readonly origin: string
  /** File of test/vectors, and the title of the test that pins the form. */
  readonly test?: readonly [file: string, title: string]
  /** The builders, parsers, types and attributes of the product that this form is made of or read by. */
  readonly code?: readonly string[]
}

/** Where vectors come from. */
export const PORT = 'meowcaller 6d9b7b2c, re-checked with independent HMAC and AES'
export const TRACE = 'answers from a public web-client trace (meowcaller 6d9b7b2c, whatsapp-rust 1489b7da)'
export const RUST = 'unit tests of whatsapp-rust 1489b7da'
export const READING = 'reading of two or more public implementations'
