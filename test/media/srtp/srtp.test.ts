import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildWarp208, buildWarp209 } from '../../../src/media/rtp/rtcp-packet.ts'
import { newRtpHeader, WARP_SPEECH_EXTENSION, writeRtpHeader } from '../../../src/media/rtp/rtp-packet.ts'
import { deriveSenderKeys } from '../../../src/media/srtp/call-keys.ts'
import { warpProfile } from '../../../src/media/srtp/srtp-profile.ts'
import { SrtpReceiver } from '../../../src/media/srtp/srtp-receiver.ts'
import { SrtpSender } from '../../../src/media/srtp/srtp-sender.ts'

const keys = deriveSenderKeys(new Uint8Array(32).fill(7), '1:2@lid')
const otherKeys = deriveSenderKeys(new Uint8Array(32).fill(7), '1:3@lid')
const profile = warpProfile()

function rtp(sequence: number, ssrc = 0x1234, payload = Uint8Array.of(1, 2, 3)): Uint8Array {
  const packet = new Uint8Array(16 + payload.length)
  writeRtpHeader({ ...newRtpHeader(), payloadType: 120, sequence, ssrc }, WARP_SPEECH_EXTENSION, packet)
  packet.set(payload, 16)
  return packet
}

function protectedRtp(sender: SrtpSender, sequence: number, ssrc?: number): Uint8Array {
  const out = new Uint8Array(200)
  return out.slice(0, sender.protect(rtp(sequence, ssrc), out))
}

const open = (receiver: SrtpReceiver, wire: Uint8Array) => {
  const out = new Uint8Array(200)
  return out.slice(0, receiver.unprotect(wire, out))
}

describe('SRTP', () => {
  it('gives back every packet, for each tag length that a relay may ask for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.uint8Array({ maxLength: 300 }), (tagBytes, payload) => {
        const packet = rtp(9, 5, payload)
        const wire = new Uint8Array(packet.length + tagBytes)
        expect(new SrtpSender(keys, warpProfile(tagBytes)).protect(packet, wire)).toBe(wire.length)
        const clear = new Uint8Array(wire.length)
        expect(new SrtpReceiver(keys, warpProfile(tagBytes)).unprotect(wire, clear)).toBe(packet.length)
        expect(clear.subarray(0, packet.length)).toEqual(packet)
      }),
    )
  })

  it('works in place', () => {
    const buffer = new Uint8Array(64)
    buffer.set(rtp(1))
    const length = new SrtpSender(keys, profile).protect(buffer.subarray(0, 19), buffer)
    const clear = new SrtpReceiver(keys, profile).unprotect(buffer.subarray(0, length), buffer)
    expect(buffer.slice(0, clear)).toEqual(rtp(1))
  })

  it('falls back to 4 bytes when the relay block names a tag length that cannot be', () => {
    expect([0, 21, 2.5, Number.NaN].map((bytes) => warpProfile(bytes).rtpTagBytes)).toEqual([4, 4, 4, 4])
  })

  it('survives the wrap of the sequence number, out of order', () => {
    const sender = new SrtpSender(keys, profile)
    const receiver = new SrtpReceiver(keys, profile)
    const wires = [65533, 65534, 65535, 0, 1, 2].map((sequence) => protectedRtp(sender, sequence))
    for (const at of [0, 1, 3, 2, 5, 4]) expect(open(receiver, wires[at]).length).toBe(19)
    expect(receiver.stats).toEqual({ accepted: 6, malformed: 0, forged: 0, replayed: 0 })
  })

  it('drops and counts what comes twice, as it does when several relays carry the call', () => {
    const sender = new SrtpSender(keys, profile)
    const receiver = new SrtpReceiver(keys, profile)
    const wires = Array.from({ length: 70 }, (_, i) => protectedRtp(sender, i + 1))
    for (const wire of wires) expect(open(receiver, wire).length).toBe(19)
    expect(open(receiver, wires[69]).length).toBe(0)
    expect(open(receiver, wires[0]).length).toBe(0)
    expect(receiver.stats).toEqual({ accepted: 70, malformed: 0, forged: 0, replayed: 2 })
  })

  it('drops and counts what another key or any changed bit makes', () => {
    const wire = protectedRtp(new SrtpSender(keys, profile), 1)
    const receiver = new SrtpReceiver(keys, profile)
    expect(open(receiver, protectedRtp(new SrtpSender(otherKeys, profile), 1)).length).toBe(0)
    for (let bit = 0; bit < wire.length * 8; bit++) {
      const changed = wire.slice()
      changed[bit >> 3] ^= 1 << (bit & 7)
      expect(open(receiver, changed).length).toBe(0)
    }
    expect(receiver.stats.accepted).toBe(0)
    expect(receiver.stats.forged + receiver.stats.malformed).toBe(1 + wire.length * 8)
  })

  it('is not led astray by forged sequence numbers', () => {
    const sender = new SrtpSender(keys, profile)
    const receiver = new SrtpReceiver(keys, profile)
    open(receiver, protectedRtp(sender, 10))
    for (const sequence of [65535, 40000, 60]) {
      open(receiver, Uint8Array.of(...rtp(sequence), 0, 0, 0, 0))
    }
    expect(open(receiver, protectedRtp(sender, 11)).length).toBe(19)
    expect(receiver.stats).toMatchObject({ accepted: 2, replayed: 2, forged: 1 })
  })

  it('keeps streams apart by SSRC, and forgets the oldest of more than 16', () => {
    const receiver = new SrtpReceiver(keys, profile)
    for (let ssrc = 1; ssrc <= 17; ssrc++) {
      expect(open(receiver, protectedRtp(new SrtpSender(keys, profile), 5, ssrc)).length).toBe(19)
    }
    expect(open(receiver, protectedRtp(new SrtpSender(keys, profile), 5, 2)).length).toBe(0)
    expect(open(receiver, protectedRtp(new SrtpSender(keys, profile), 5, 1)).length).toBe(19)
  })

  it('never throws, whatever comes', () => {
    const receiver = new SrtpReceiver(keys, profile)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        if (bytes.length > 0) bytes[0] = 0x80 | (bytes[0] & 0x3f)
        expect(open(receiver, bytes).length).toBe(0)
        expect(receiver.unprotectRtcp(bytes)).toBeUndefined()
      }),
    )
    expect(receiver.stats.accepted).toBe(0)
  })
})

describe('SRTCP', () => {
  it('gives back each packet once', () => {
    const sender = new SrtpSender(keys, profile)
    const receiver = new SrtpReceiver(keys, profile)
    const report = buildWarp209(0x1234)
    const first = sender.protectRtcp(report)
    const second = sender.protectRtcp(report)
    expect(first.length).toBe(8 + 4 + 10)
    expect(receiver.unprotectRtcp(second)).toEqual(report)
    expect(receiver.unprotectRtcp(first)).toEqual(report)
    expect(receiver.unprotectRtcp(first)).toBeUndefined()
    expect(receiver.stats).toEqual({ accepted: 2, malformed: 0, forged: 0, replayed: 1 })
  })

  it('counts its packets from 1, says that they are encrypted, and begins again after the last index', () => {
    const indexWords = [undefined, 0x7fff_ffff].map((start) => {
      const sender = new SrtpSender(keys, profile, 0, start)
      return [0, 0].map(() => Buffer.from(sender.protectRtcp(buildWarp209(1))).readUInt32BE(8))
    })
    expect(indexWords).toEqual([
      [0x8000_0001, 0x8000_0002],
      [0xffff_ffff, 0x8000_0000],
    ])
  })

  it('leaves the received bytes alone, also those of a Buffer', () => {
    const wire = Buffer.from(new SrtpSender(keys, profile).protectRtcp(buildWarp208(1, 2)))
    const before = Buffer.from(wire)
    expect(new SrtpReceiver(keys, profile).unprotectRtcp(wire)).toEqual(buildWarp208(1, 2))
    expect(wire).toEqual(before)
  })

  it('drops and counts a changed packet', () => {
    const wire = new SrtpSender(keys, profile).protectRtcp(buildWarp209(1))
    const receiver = new SrtpReceiver(keys, profile)
    for (let at = 0; at < wire.length; at++) {
      const changed = wire.slice()
      changed[at] ^= 0x40
      expect(receiver.unprotectRtcp(changed)).toBeUndefined()
    }
    expect(receiver.stats).toEqual({ accepted: 0, malformed: 0, forged: wire.length, replayed: 0 })
  })
})
