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
  /** File of test/vectors, and a word of it that the form stands behind. */
  readonly test?: readonly [file: string, word: string]
}

const PORT = 'meowcaller 6d9b7b2c, re-checked with independent HMAC and AES'
const TRACE = 'answers from a public web-client trace (meowcaller 6d9b7b2c, whatsapp-rust 1489b7da)'
const RUST = 'unit tests of whatsapp-rust 1489b7da'
const C = 'the proprietary C codec (published by whatsapp-rust and meowcaller)'
const READING = 'reading of two or more public implementations'

export const WIRE_FORMS: readonly WireForm[] = [
  {
    family: 'STUN',
    form: 'allocate, raw mode (whole message)',
    pinned: 'bytes',
    origin: TRACE,
    test: ['stun.test.ts', 'registrationDialect'],
  },
  {
    family: 'STUN',
    form: 'allocate, Android client',
    pinned: 'bytes',
    origin: PORT,
    test: ['stun.test.ts', 'androidAllocate'],
  },
  {
    family: 'STUN',
    form: 'allocate, ICE mode (two streams by pid)',
    pinned: 'parts',
    origin: PORT,
    test: ['stun.test.ts', 'encodeStreamDescriptors'],
  },
  {
    family: 'STUN',
    form: 'binding request, ICE mode',
    pinned: 'parts',
    origin: TRACE,
    test: ['stun.test.ts', 'encodeSenderSubscription'],
  },
  { family: 'STUN', form: 'ping', pinned: 'bytes', origin: PORT, test: ['stun.test.ts', 'vector.ping'] },
  { family: 'STUN', form: 'pong', pinned: 'none', origin: READING },
  {
    family: 'STUN',
    form: 'binding success',
    pinned: 'parts',
    origin: 'RFC 5769, section 2.2',
    test: ['public-forms.test.ts', 'RFC 5769'],
  },
  { family: 'STUN', form: 'XOR address, IPv4', pinned: 'bytes', origin: PORT, test: ['stun.test.ts', 'xorAddress'] },
  {
    family: 'STUN',
    form: 'MESSAGE-INTEGRITY and FINGERPRINT',
    pinned: 'bytes',
    origin: TRACE,
    test: ['stun.test.ts', 'withFp'],
  },
  {
    family: 'RTP',
    form: 'header of speech, 16 bytes',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'speechHeader16'],
  },
  {
    family: 'RTP',
    form: 'header without speech, 20 bytes',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'dtxHeader20'],
  },
  { family: 'RTP', form: 'video header (read past)', pinned: 'bytes', origin: TRACE, test: ['rtp.test.ts', 'Header'] },
  { family: 'RTCP', form: '208', pinned: 'bytes', origin: TRACE, test: ['rtp.test.ts', 'compact208'] },
  { family: 'RTCP', form: '209', pinned: 'bytes', origin: TRACE, test: ['rtp.test.ts', 'compact209'] },
  {
    family: 'RTCP',
    form: 'sender report without block',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'senderReport'],
  },
  { family: 'RTCP', form: 'report block', pinned: 'bytes', origin: 'werift', test: ['public-forms.test.ts', 'block'] },
  {
    family: 'RTCP',
    form: 'SDES with CNAME',
    pinned: 'library',
    origin: 'werift reads it; the form of the CNAME is from reading',
    test: ['public-forms.test.ts', 'SDES'],
  },
  { family: 'SRTP', form: 'SRTP payload', pinned: 'bytes', origin: PORT, test: ['srtp.test.ts', 'vector.cipher'] },
  { family: 'SRTP', form: 'tag of 4 bytes', pinned: 'bytes', origin: TRACE, test: ['srtp.test.ts', 'warp_mi_tag4'] },
  { family: 'SRTP', form: 'roll-over counter', pinned: 'bytes', origin: PORT, test: ['srtp.test.ts', 'content.roc'] },
  {
    family: 'SRTP',
    form: 'SRTCP with its tag of 10 bytes',
    pinned: 'bytes',
    origin: PORT,
    test: ['srtp.test.ts', 'srtcp.protected'],
  },
  {
    family: 'SRTP',
    form: 'SFrame (read)',
    pinned: 'bytes',
    origin: PORT,
    test: ['hop-and-sframe.test.ts', 'content.sframe'],
  },
  {
    family: 'SRTP',
    form: 'hop-by-hop payload',
    pinned: 'bytes',
    origin: PORT,
    test: ['hop-and-sframe.test.ts', 'vector.cipher'],
  },
  {
    family: 'keys',
    form: 'end-to-end SRTP and SRTCP keys',
    pinned: 'bytes',
    origin: PORT,
    test: ['srtp.test.ts', 'deriveSenderKeys'],
  },
  {
    family: 'keys',
    form: 'hop-by-hop keys',
    pinned: 'bytes',
    origin: PORT,
    test: ['hop-and-sframe.test.ts', 'deriveHopKeys'],
  },
  {
    family: 'keys',
    form: 'SSRCs of the nine slots',
    pinned: 'bytes',
    origin: PORT,
    test: ['srtp.test.ts', 'LISTED_SLOTS'],
  },
  {
    family: 'keys',
    form: 'HKDF-SHA256',
    pinned: 'bytes',
    origin: 'RFC 5869, appendix A',
    test: ['hkdf.test.ts', 'okm'],
  },
  { family: 'payload', form: 'MLow packets', pinned: 'bytes', origin: C, test: ['mlow-symbols.test.ts', 'Tell'] },
  {
    family: 'payload',
    form: 'SplitRed (payload type 121)',
    pinned: 'bytes',
    origin: 'streams of meowcaller 6d9b7b2c',
    test: ['mlow-pcm.test.ts', 'x_red'],
  },
  { family: 'payload', form: 'Opus', pinned: 'library', origin: 'libopus' },
  { family: 'stanza', form: 'offer', pinned: 'facts', origin: RUST, test: ['stanzas.test.ts', 'buildOffer'] },
  { family: 'stanza', form: 'preaccept', pinned: 'facts', origin: RUST, test: ['stanzas.test.ts', 'buildPreaccept'] },
  {
    family: 'stanza',
    form: 'accept with capability, MLow and Opus',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'buildAcceptWithCapability'],
  },
  {
    family: 'stanza',
    form: 'accept with key',
    pinned: 'names',
    origin: READING,
    test: ['public-forms.test.ts', 'buildAcceptWithKey'],
  },
  { family: 'stanza', form: 'transport', pinned: 'facts', origin: RUST, test: ['stanzas.test.ts', 'buildTransport'] },
  {
    family: 'stanza',
    form: 'relaylatency',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'buildRelayLatency'],
  },
  {
    family: 'stanza',
    form: 'terminate, one device',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'buildTerminate'],
  },
  {
    family: 'stanza',
    form: 'terminate with destination',
    pinned: 'names',
    origin: 'reading of one public implementation',
    test: ['public-forms.test.ts', 'buildTerminate'],
  },
  { family: 'stanza', form: 'reject', pinned: 'facts', origin: RUST, test: ['stanzas.test.ts', 'buildReject'] },
  { family: 'stanza', form: 'mute_v2', pinned: 'names', origin: READING, test: ['public-forms.test.ts', 'buildMute'] },
  {
    family: 'stanza',
    form: 'receipt of an offer',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'buildCallReceipt'],
  },
  {
    family: 'stanza',
    form: 'ack of a call stanza',
    pinned: 'names',
    origin: READING,
    test: ['public-forms.test.ts', 'buildCallAck'],
  },
  {
    family: 'stanza',
    form: 'address of a relay',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'parseAddress'],
  },
  { family: 'stanza', form: 'binary encoding, Noise', pinned: 'library', origin: 'Baileys' },
  {
    family: 'transport',
    form: 'ICE, DTLS, SCTP (ICE mode)',
    pinned: 'library',
    origin: 'libdatachannel; werift at the other end',
  },
  { family: 'transport', form: 'DTLS, SCTP (raw mode)', pinned: 'library', origin: 'werift, at both ends' },
]
