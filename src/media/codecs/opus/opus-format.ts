/** What the far end's `a=fmtp` asks of an Opus sender (RFC 7587, section 6.1). */
export interface OpusWishes {
  /** Bits per second, within what mono wideband speech can use. */
  readonly bitrate: number
  /** Whether the far end makes use of in-band redundancy. */
  readonly redundancy: boolean
}

const DEFAULT_BITRATE = 28_000
const BITRATE_LIMITS = { least: 8_000, most: 40_000 }

/** Unknown and malformed parameters are passed over; RFC 7587 makes every one optional. */
export function opusWishes(fmtp: string | undefined): OpusWishes {
  const parameters = new Map<string, string>()
  for (const part of (fmtp ?? '').split(';')) {
    const [name = '', value = ''] = part.split('=', 2)
    parameters.set(name.trim().toLowerCase(), value.trim())
  }
  const bitrate = /^[0-9]{4,6}$/.exec(parameters.get('maxaveragebitrate') ?? '')?.[0]
  return {
    bitrate: Math.max(BITRATE_LIMITS.least, Math.min(BITRATE_LIMITS.most, Number(bitrate ?? DEFAULT_BITRATE))),
    redundancy: parameters.get('useinbandfec') === '1',
  }
}
