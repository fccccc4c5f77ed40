/** How the server behaves where real ones differ or change. Fields may be set while it runs. */
export interface CallBehaviour {
  /** The server ends a call that nobody has answered after this time. */
  ringTimeoutMs: number
  /** Where an error code stands in the ack of a refused offer. */
  ackError: 'attribute' | 'child'
  /** What becomes of well-formed offers: relays as usual, an ack without a relay block, no ack at all, or this error. */
  offers: 'accepted' | 'no-relays' | 'unanswered' | { readonly error: number }
  /** An accept or reject is also told to the other devices of the account that was called. */
  tellSiblings: boolean
  /** JSON of `<voip_settings>`. */
  voipSettings: Readonly<Record<string, unknown>>
}

export const usualCallBehaviour: Readonly<CallBehaviour> = {
  ringTimeoutMs: 45_000,
  ackError: 'attribute',
  offers: 'accepted',
  tellSiblings: false,
  voipSettings: {
    encode: { use_mlow_codec_v1: 'true', frame_ms: '60' },
    rc: { target_bitrate: '24000' },
    options: { enable_48khz_rtp_clock: 'false' },
  },
}
