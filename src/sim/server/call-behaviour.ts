/** How the server behaves where real ones differ or change. Fields may be set while it runs. */
export interface CallBehaviour {
  /** The server ends a call that nobody has answered after this time. */
  ringTimeoutMs: number
  /** Where an error code stands in the ack of a refused offer. */
  ackError: 'attribute' | 'child'
  /** Whether the ack of a call stanza says which action it is of. */
  ackType: 'named' | 'none'
  /** What becomes of well-formed offers: relays as usual, an ack without a relay block, no ack at all, or this error. */
  offers: 'accepted' | 'no-relays' | 'late-relays' | 'unanswered' | { readonly error: number }
  /** Whether actions other than offers are acknowledged at all. */
  acksActions: boolean
  /** An accept without the call key for the caller gets error 400 and goes nowhere. */
  acceptNeedsKey: boolean
  /** `<destination>` counts in every stanza; otherwise in offers only, and other stanzas go where `to` says. */
  destinations: 'everywhere' | 'offers'
  /** An accept or reject is also told to the other devices of the account that was called. */
  tellSiblings: boolean
  /** Whether an offer says the caller's number. */
  namesCallers: boolean
  /** JSON of `<voip_settings>`. */
  voipSettings: Readonly<Record<string, unknown>>
}

export const usualCallBehaviour: Readonly<CallBehaviour> = {
  ringTimeoutMs: 45_000,
  ackError: 'attribute',
  ackType: 'named',
  offers: 'accepted',
  acksActions: true,
  acceptNeedsKey: false,
  destinations: 'everywhere',
  tellSiblings: false,
  namesCallers: true,
  voipSettings: {
    encode: { use_mlow_codec_v1: 'true', frame_ms: '60' },
    rc: { target_bitrate: '24000' },
    options: { enable_48khz_rtp_clock: 'false' },
  },
}
