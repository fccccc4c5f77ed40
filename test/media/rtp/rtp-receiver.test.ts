import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MediaEndpoint } from '../../../src/media/rtp/endpoint.ts'
import { NO_EXTENSION, newRtpHeader, writeRtpHeader } from '../../../src/media/rtp/rtp-packet.ts'
import { RtpReceiver } from '../../../src/media/rtp/rtp-receiver.ts'

const announced = { address: '192.168.1.5', port: 4000 }
const natted = { address: '203.0.113.7', port: 61000 }
const stranger = { address: '198.51.100.66', port: 5004 }
const OWN_SSRC = 99

function packet(sequence: number, change: { payloadType?: number; ssrc?: number } = {}): Uint8Array {
  const bytes = new Uint8Array(172)
  const header = Object.assign(newRtpHeader(), { sequence, ssrc: 7, payloadType: 0, ...change })
  writeRtpHeader(header, NO_EXTENSION, bytes)
  return bytes
}

function bench() {
  const receiver = new RtpReceiver({ announced, ownSsrc: OWN_SSRC, accepts: (payloadType) => payloadType === 0 })
  const accepted = (from: MediaEndpoint, sequences: readonly number[], atMs = 0, ssrc = 7) =>
    sequences.filter((sequence) => receiver.receive(packet(sequence, { ssrc }), from, atMs) !== undefined)
  return { receiver, accepted }
}

describe('RtpReceiver', () => {
  it('locks to the announced address with its first packet', () => {
    const { receiver, accepted } = bench()
    expect(receiver.remote).toEqual(announced)
    expect(accepted(announced, [1, 2])).toEqual([1, 2])
    expect(accepted(stranger, [3, 4, 5, 6, 7, 8])).toEqual([])
    expect(receiver.remote).toEqual(announced)
    expect(receiver.rejected.foreign).toBe(6)
  })

  it('locks to another address after four packets in a row, and sends there', () => {
    const { receiver, accepted } = bench()
    expect(accepted(natted, [10, 11, 13, 14, 15, 16, 17])).toEqual([16, 17])
    expect(receiver.remote).toEqual(natted)
    expect(receiver.locked).toBe(true)
  })

  it('does not add up packets of several strangers', () => {
    const { receiver, accepted } = bench()
    for (let i = 0; i < 20; i++) {
      expect(accepted(i % 2 === 0 ? natted : stranger, [i])).toEqual([])
      expect(accepted(natted, [100 + i], 0, 1000 + i)).toEqual([])
    }
    expect(receiver.locked).toBe(false)
  })

  it('lets a newcomer in only after a long silence of the source', () => {
    const { receiver, accepted } = bench()
    accepted(announced, [1], 1000)
    expect(accepted(natted, [1, 2, 3, 4, 5], 5999)).toEqual([])
    expect(accepted(natted, [6, 7, 8, 9, 10], 6000)).toEqual([9, 10])
    expect(receiver.remote).toEqual(natted)
    expect(receiver.lastPacketMs).toBe(6000)
  })

  it('opens for a newly announced address, and stays locked when nothing changed', () => {
    const { receiver, accepted } = bench()
    accepted(natted, [1, 2, 3, 4])
    receiver.announce({ ...announced })
    expect(receiver.remote).toEqual(natted)
    const moved = { address: '192.168.1.6', port: 4002 }
    receiver.announce(moved)
    expect(receiver.remote).toEqual(moved)
    // What is still under way from the old source does not take the new one's place for good.
    expect(accepted(natted, [5, 6, 7, 8, 9])).toEqual([8, 9])
    expect(accepted(moved, [1, 2])).toEqual([1, 2])
    expect(accepted(natted, [10, 11])).toEqual([])
    expect(receiver.remote).toEqual(moved)
  })

  it('tells what it rejects', () => {
    const { receiver } = bench()
    expect(receiver.receive(packet(1, { payloadType: 5 }), announced, 0)).toBeUndefined()
    expect(receiver.receive(packet(1, { ssrc: OWN_SSRC }), announced, 0)).toBeUndefined()
    expect(receiver.receive(Uint8Array.of(0x80, 0), announced, 0)).toBeUndefined()
    expect(receiver.receive(packet(1).fill(0x40, 0, 1), announced, 0)).toBeUndefined()
    expect(receiver.rejected).toEqual({ unknownPayloadType: 1, looped: 1, malformed: 2, foreign: 0 })
    expect(receiver.locked).toBe(false)
  })

  it('takes any bytes, and gives only headers that lie within them', () => {
    const { receiver } = bench()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (datagram) => {
        const header = receiver.receive(datagram, announced, 0)
        if (header === undefined) return
        expect(header.payloadStart).toBeLessThanOrEqual(header.payloadEnd)
        expect(header.payloadEnd).toBeLessThanOrEqual(datagram.length)
      }),
    )
  })
})
