/**
 * The payload of RFC 4733, section 2.3:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |     event     |E|R|  volume   |          duration             |
 */
export const EVENT_BYTES = 4
export const MAX_DURATION = 0xffff

const END_BIT = 0x80
const VOLUME_MASK = 0x3f

/** Events 0 to 15 (RFC 4733, section 3.2). */
const DIGITS = '0123456789*#ABCD'

export interface TelephoneEvent {
  /** 0 to 255; 0 to 15 are digits. */
  event: number
  end: boolean
  /** Power level in −dBm0, 0 to 63. */
  volume: number
  /** In units of the payload type's clock. */
  duration: number
}

export function eventOfDigit(digit: string): number | undefined {
  const event = digit.length === 1 ? DIGITS.indexOf(digit.toUpperCase()) : -1
  return event < 0 ? undefined : event
}

export function digitOfEvent(event: number): string | undefined {
  return DIGITS[event]
}

/** Reads the event between `start` and `end` of a datagram. Returns false when it is too short. */
export function readTelephoneEvent(datagram: Uint8Array, start: number, end: number, into: TelephoneEvent): boolean {
  if (end - start < EVENT_BYTES) return false
  const flags = datagram[start + 1]!
  into.event = datagram[start]!
  into.end = (flags & END_BIT) !== 0
  into.volume = flags & VOLUME_MASK
  into.duration = (datagram[start + 2]! << 8) | datagram[start + 3]!
  return true
}

/** Writes four bytes at the front of `out`. */
export function writeTelephoneEvent(event: TelephoneEvent, out: Uint8Array): void {
  out[0] = event.event
  out[1] = (event.end ? END_BIT : 0) | (event.volume & VOLUME_MASK)
  out[2] = event.duration >>> 8
  out[3] = event.duration
}
