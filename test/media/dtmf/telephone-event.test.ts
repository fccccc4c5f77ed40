import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import { EventReceiver } from '../../../src/media/dtmf/event-receiver.ts'
import { EventSender } from '../../../src/media/dtmf/event-sender.ts'
import {
  readTelephoneEvent,
  type TelephoneEvent,
  writeTelephoneEvent,
} from '../../../src/media/dtmf/telephone-event.ts'
import { newRtpHeader } from '../../../src/media/rtp/rtp-packet.ts'

const blank = (): TelephoneEvent => ({ event: 0, end: false, volume: 0, duration: 0 })

interface Sent extends TelephoneEvent {
  readonly timestamp: number
  readonly marker: boolean
}

/** Runs a sender for `frames` frames of 20 ms. */
function send(
  digits: readonly [string, number][],
  frames: number,
): { packets: (Sent | undefined)[]; accepted: boolean[] } {
  let current: Sent | undefined
  const sender = new EventSender({
    clockRateHz: 8000,
    packetMs: 20,
    send: (payload, timestamp, marker) => {
      const event = blank()
      readTelephoneEvent(payload, 0, payload.length, event)
      current = { ...event, timestamp, marker }
    },
  })
  const accepted = digits.map(([digit, durationMs]) => sender.enqueue(digit, durationMs))
  const packets = Array.from({ length: frames }, (_, i) => {
    current = undefined
    expect(sender.takeFrame(i * 160)).toBe(current !== undefined)
    return current
  })
  return { packets, accepted }
}

describe('telephone-event payload', () => {
  it('is read as it was written', () => {
    const fields = fc.record({
      event: fc.integer({ min: 0, max: 255 }),
      end: fc.boolean(),
      volume: fc.integer({ min: 0, max: 63 }),
      duration: fc.integer({ min: 0, max: 0xffff }),
    })
    fc.assert(
      fc.property(fields, (event) => {
        const bytes = new Uint8Array(6)
        writeTelephoneEvent(event, bytes.subarray(1))
        const read = blank()
        expect(readTelephoneEvent(bytes, 1, 5, read)).toBe(true)
        expect(read).toEqual(event)
      }),
    )
  })

  it('equals the layout of RFC 4733: digit 9, end, −7 dBm0, 1600 units', () => {
    const bytes = new Uint8Array(4)
    writeTelephoneEvent({ event: 9, end: true, volume: 7, duration: 1600 }, bytes)
    expect(Array.from(bytes)).toEqual([0x09, 0x87, 0x06, 0x40])
    expect(readTelephoneEvent(bytes, 0, 3, blank())).toBe(false)
  })
})

describe('EventSender', () => {
  it('sends one event: a marker, growing durations, three ends, all with the first timestamp', () => {
    const { packets } = send([['5', 100]], 9)
    const events = packets.filter((packet) => packet !== undefined)
    expect(events.map(({ duration }) => duration)).toEqual([160, 320, 480, 640, 800, 800, 800])
    expect(events.map(({ end }) => end)).toEqual([false, false, false, false, true, true, true])
    expect(events.map(({ marker }) => marker)).toEqual([true, false, false, false, false, false, false])
    expect(events.every(({ event, timestamp }) => event === 5 && timestamp === 0)).toBe(true)
    expect(packets.slice(7)).toEqual([undefined, undefined])
  })

  it('sends digits in order with a pause between, none of them too short or too long', () => {
    const { packets, accepted } = send(
      [
        ['1', 1],
        ['#', 99_999],
        ['d', 100],
      ],
      700,
    )
    expect(accepted).toEqual([true, true, true])
    const starts = packets.flatMap((packet, i) => (packet?.marker ? [{ event: packet.event, frame: i }] : []))
    expect(starts.map(({ event }) => event)).toEqual([1, 11, 15])
    const longest = Math.max(...packets.map((packet) => (packet?.event === 11 ? packet.duration : 0)))
    expect(longest).toBe(0xffff)
    expect(Math.max(...packets.map((packet) => (packet?.event === 1 ? packet.duration : 0)))).toBe(560)
    // From the first end packet of one to the beginning of the next: at least 80 ms.
    const firstEnd = packets.findIndex((packet) => packet?.end)
    expect(starts[1].frame - firstEnd).toBeGreaterThanOrEqual(4)
  })

  it('refuses what is no digit, and more than it can hold', () => {
    expect(
      send(
        [
          ['x', 100],
          ['12', 100],
          ['', 100],
        ],
        1,
      ).accepted,
    ).toEqual([false, false, false])
    const { accepted } = send(
      Array.from({ length: 70 }, () => ['1', 100]),
      0,
    )
    expect(accepted.filter(Boolean)).toHaveLength(64)
  })
})

describe('EventReceiver', () => {
  function bench() {
    const clock = new VirtualClock()
    const digits: [string, number][] = []
    const receiver = new EventReceiver({ clock, clockRateHz: 8000, onDigit: (digit, ms) => digits.push([digit, ms]) })
    const header = newRtpHeader()
    const datagram = new Uint8Array(16)
    const receive = (event: Partial<TelephoneEvent>, timestamp: number, ssrc = 1) => {
      writeTelephoneEvent({ ...blank(), ...event }, datagram.subarray(12))
      Object.assign(header, { timestamp, ssrc, payloadStart: 12, payloadEnd: 16 })
      receiver.receive(header, datagram)
    }
    return { clock, digits, receiver, receive }
  }

  it('reports a digit once, at its end, whatever is repeated or lost', async () => {
    const { clock, digits, receive } = bench()
    for (const duration of [160, 320, 640]) receive({ event: 4, duration }, 1000)
    expect(digits).toEqual([])
    for (let i = 0; i < 3; i++) receive({ event: 4, duration: 800, end: true }, 1000)
    receive({ event: 4, duration: 800, end: true }, 9000)
    receive({ event: 4, duration: 640 }, 9000)
    await clock.advance(1000)
    expect(digits).toEqual([
      ['4', 100],
      ['4', 100],
    ])
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends an event whose end was lost: when the next begins, or after a while', async () => {
    const { clock, digits, receive } = bench()
    receive({ event: 1, duration: 160 }, 1000)
    receive({ event: 2, duration: 160 }, 3000)
    expect(digits).toEqual([['1', 20]])
    await clock.advance(150)
    receive({ event: 2, duration: 1360 }, 3000)
    await clock.advance(199)
    expect(digits).toHaveLength(1)
    await clock.advance(1)
    expect(digits).toEqual([
      ['1', 20],
      ['2', 170],
    ])
    expect(clock.pendingTimers).toBe(0)
  })

  it('ignores stragglers of the digit before, and events that are no digits', () => {
    const { digits, receive } = bench()
    receive({ event: 1, duration: 800, end: true }, 1000)
    receive({ event: 2, duration: 160 }, 3000)
    receive({ event: 1, duration: 800, end: true }, 1000)
    receive({ event: 2, duration: 800, end: true }, 3000)
    receive({ event: 36, duration: 800, end: true }, 6000)
    expect(digits).toEqual([
      ['1', 100],
      ['2', 100],
    ])
  })

  it('takes the same timestamp from another SSRC for another event', () => {
    const { digits, receive } = bench()
    receive({ event: 7, duration: 800, end: true }, 1000, 1)
    receive({ event: 7, duration: 800, end: true }, 1000, 2)
    expect(digits).toHaveLength(2)
  })

  it('joins the segments of a key held for longer than 16 bits can say (RFC 4733, section 2.5.1.3)', () => {
    const { digits, receive } = bench()
    receive({ event: 5, duration: 160 }, 1000)
    receive({ event: 5, duration: 0xffff }, 1000)
    receive({ event: 5, duration: 160 }, 1000 + 0xffff)
    receive({ event: 5, duration: 800, end: true }, 1000 + 0xffff)
    receive({ event: 5, duration: 800, end: true }, 1000 + 0xffff)
    expect(digits).toEqual([['5', (0xffff + 800) / 8]])
    // After an end it is the same key, pressed again.
    receive({ event: 5, duration: 0xffff, end: true }, 200_000)
    receive({ event: 5, duration: 800, end: true }, 200_000 + 0xffff)
    expect(digits).toHaveLength(3)
  })

  it('says nothing after it was closed', async () => {
    const { clock, digits, receiver, receive } = bench()
    receive({ event: 1, duration: 160 }, 1000)
    receiver.close()
    await clock.advance(1000)
    expect(digits).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('hears what an EventSender sends', () => {
    const { digits, receive } = bench()
    const { packets } = send(
      [
        ['*', 120],
        ['0', 80],
      ],
      40,
    )
    for (const packet of packets) if (packet !== undefined) receive(packet, packet.timestamp)
    expect(digits).toEqual([
      ['*', 120],
      ['0', 80],
    ])
  })
})
