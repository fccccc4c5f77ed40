import type { VoiceCodec } from '../stanza/capability.ts'

/** How this account signals calls. Where implementations differ, the default is reasoned in docs/protocol/signalling.md. */
export interface CallSettings {
  /** What we ask the peer to send: MLow, or ordinary Opus. */
  readonly codec: VoiceCodec
  /** `with-key` repeats the call key, `with-capability` is what WhatsApp Web sends; `by-codec`: the first for MLow. */
  readonly acceptForm: 'by-codec' | 'with-key' | 'with-capability'
  /** Terminates for several devices: one stanza each, or one to the user that lists them. */
  readonly dismissalForm: 'per-device' | 'destination'
  /** Who says transport and mute around the answer: the caller after it; both, the callee before its accept; nobody. */
  readonly greetings: 'caller' | 'both' | 'none'
  /** As callee: send the caller's measurements back, send our own, or say nothing. Bound relays only. */
  readonly relayLatencyForm: 'echo' | 'report' | 'off'
  /**
   * A call that this device alone cannot take (calls limit, glare, no key, the extension is busy): the caller is told busy, or
   * nothing, and other devices of the account ring on.
   */
  readonly deviceBusy: 'reject' | 'silent'
  /** What tells that a called device rings: its preaccept, or already its receipt for the offer. */
  readonly ringingOn: 'preaccept' | 'receipt'
  /** `upper-hex`: 16 random bytes; `web`: a zero byte and 15 random ones in lower case. */
  readonly callIdForm: 'upper-hex' | 'web'
  /** Calls of this account at a time, in both directions together. */
  readonly callsLimit: number
  /** From dialling until the offer can be sent. */
  readonly prepareTimeoutMs: number
  /** From the offer until its ack has brought the relays. */
  readonly ackTimeoutMs: number
  readonly outgoingRingTimeoutMs: number
  /** A back stop: the gateway sets it above the time that an extension may ring. */
  readonly incomingRingTimeoutMs: number
  /** From answering until the key of a `with-key` accept is encrypted; then the other form goes out. */
  readonly acceptKeyTimeoutMs: number
  /** How long a call and its unsent stanzas outlive the connection to the server. */
  readonly reconnectGraceMs: number
  /** An offer older than this is a missed call. */
  readonly offerMaxAgeMs: number
}

export const defaultCallSettings: CallSettings = {
  codec: 'mlow',
  acceptForm: 'by-codec',
  dismissalForm: 'per-device',
  greetings: 'caller',
  relayLatencyForm: 'echo',
  deviceBusy: 'reject',
  ringingOn: 'preaccept',
  callIdForm: 'upper-hex',
  callsLimit: 1,
  prepareTimeoutMs: 15_000,
  ackTimeoutMs: 10_000,
  outgoingRingTimeoutMs: 60_000,
  incomingRingTimeoutMs: 60_000,
  acceptKeyTimeoutMs: 3_000,
  reconnectGraceMs: 30_000,
  offerMaxAgeMs: 30_000,
}
