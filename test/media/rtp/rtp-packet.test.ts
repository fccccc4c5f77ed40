import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  NO_EXTENSION,
  newRtpHeader,
  readRtpHeader,
  readRtpPacket,
  WARP_DTX_EXTENSION,
  WARP_SPEECH_EXTENSION,
  writeRtpHeader,
} from '../../../src/media/rtp/rtp-packet.ts'

const headers = fc.record({
  marker: fc.boolean(),
  payloadType: fc.integer({ min: 0, max: 127 }),
  sequence: fc.integer({ min: 0, max: 0xffff }),
  timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
  ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
})
const extensions = fc.constantFrom(NO_EXTENSION, WARP_SPEECH_EXTENSION, WARP_DTX_EXTENSION)

describe('RTP header', () => {
  it('comes back as it was written, with each of the three forms', () => {
    fc.assert(
      fc.property(headers, extensions, fc.uint8Array({ maxLength: 200 }), (fields, extension, payload) => {
        const packet = new Uint8Array(12 + extension.length + payload.length)
        const start = writeRtpHeader({ ...newRtpHeader(), ...fields }, extension, packet)
        packet.set(payload, start)
        const read = newRtpHeader()
        expect(readRtpPacket(packet, read)).toBe(true)
        expect(read).toEqual({ ...fields, payloadStart: 12 + extension.length, payloadEnd: packet.length })
        expect(packet.subarray(read.payloadStart, read.payloadEnd)).toEqual(payload)
      }),
    )
  })

  it('skips CSRCs and any extension, and takes off the padding', () => {
    // V=2, P, X, CC=2; 2 CSRCs; extension 0xBEDE of one word; payload 0a 0b; 3 bytes of padding
    const packet = Buffer.from('b200000100000002000000031111111122222222bede0001aabbccdd0a0b000003', 'hex')
    const header = newRtpHeader()
    expect(readRtpPacket(packet, header)).toBe(true)
    expect(packet.subarray(header.payloadStart, header.payloadEnd).toString('hex')).toBe('0a0b')
    expect(readRtpHeader(packet, header)).toBe(true)
    expect(header.payloadEnd).toBe(packet.length)
  })

  it.each([
    ['empty', ''],
    ['shorter than the fixed header', '8000000100000002000000'],
    ['version 1', '400000010000000200000003'],
    ['CSRCs that are not there', '820000010000000200000003aaaaaaaa'],
    ['an extension header that is cut', '90000001000000020000000300'],
    ['an extension longer than the packet', '900000010000000200000003bede0002aabbccdd'],
    ['padding of 0', 'a00000010000000200000003aa00'],
    ['padding longer than the payload', 'a00000010000000200000003aa03'],
    ['padding without a payload', 'a00000010000000200000003'],
  ])('refuses %s', (_, hex) => {
    expect(readRtpPacket(Buffer.from(hex, 'hex'), newRtpHeader())).toBe(false)
  })

  it('keeps the payload inside the packet, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (packet) => {
        if (packet.length > 0) packet[0] = 0x80 | (packet[0] & 0x3f)
        const header = newRtpHeader()
        if (!readRtpPacket(packet, header)) return
        expect(header.payloadStart).toBeGreaterThanOrEqual(12)
        expect(header.payloadEnd).toBeGreaterThanOrEqual(header.payloadStart)
        expect(header.payloadEnd).toBeLessThanOrEqual(packet.length)
      }),
    )
  })
})
