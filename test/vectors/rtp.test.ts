import { describe, expect, it } from 'vitest'
import { buildSenderReport, buildWarp208, buildWarp209, ntpTime } from '../../src/media/rtp/rtcp-packet.ts'
import {
  newRtpHeader,
  readRtpPacket,
  WARP_AUDIO_PAYLOAD_TYPE,
  WARP_DTX_EXTENSION,
  WARP_SPEECH_EXTENSION,
  writeRtpHeader,
} from '../../src/media/rtp/rtp-packet.ts'
import { fromHex, jsonVectors, toHex } from './json-vectors.ts'

interface CryptoVectors {
  readonly rtpHeader: readonly { seq: number; ssrc: number; ts: number; plain: string; ext: string }[]
  readonly rtcp: readonly (Record<'compact208' | 'compact209' | 'sr', string> &
    Record<'nowMs' | 'octets' | 'packets' | 'remote' | 'rtpTs' | 'ssrc', number>)[]
}

interface Kats {
  readonly inputs: { readonly ssrc: number }
  readonly rtp: Record<string, string>
  readonly rtcp: {
    readonly nowMs: number
    readonly remoteSsrc: number
    readonly stats: { packetsSent: number; octetsSent: number; rtpTimestamp: number }
    readonly compact208: string
    readonly compact209: string
    readonly senderReport: string
  }
}

const cryptoFiles = jsonVectors<CryptoVectors>('media crypto', (file) => Array.isArray(file.rtpHeader))
const katFiles = jsonVectors<Kats>('primitive answers', (file) => file.rtp !== undefined && 'inputs' in file)

function header(ssrc: number, sequence: number, timestamp: number, marker: boolean, extension: Uint8Array): string {
  const out = new Uint8Array(12 + extension.length)
  const fields = { ...newRtpHeader(), ssrc, sequence, timestamp, marker, payloadType: WARP_AUDIO_PAYLOAD_TYPE }
  expect(writeRtpHeader(fields, extension, out)).toBe(out.length)
  return toHex(out)
}

describe.each(cryptoFiles)('$path', ({ content }) => {
  it.each(content.rtpHeader)('writes both headers of sequence $seq', ({ seq, ssrc, ts, plain, ext }) => {
    const isMarked = (hex: string) => (fromHex(hex)[1] & 0x80) !== 0
    expect(header(ssrc, seq, ts, isMarked(plain), WARP_SPEECH_EXTENSION)).toBe(plain)
    expect(header(ssrc, seq, ts, isMarked(ext), WARP_DTX_EXTENSION)).toBe(ext)
  })

  it.each(content.rtcp)('writes the reports of $ssrc', (vector) => {
    const { ssrc, rtpTs: rtpTimestamp, packets, octets } = vector
    const report = { ssrc, ...ntpTime(vector.nowMs), rtpTimestamp, packets, octets, blocks: [] }
    expect(toHex(buildSenderReport(report))).toBe(vector.sr)
    expect(toHex(buildWarp208(ssrc, vector.remote))).toBe(vector.compact208)
    expect(toHex(buildWarp209(ssrc))).toBe(vector.compact209)
  })
})

describe.each(katFiles)('$path', ({ content: { inputs, rtp, rtcp } }) => {
  it('writes the headers of the first speech packet and of a later one without speech', () => {
    expect(header(inputs.ssrc, 1, 0, true, WARP_SPEECH_EXTENSION)).toBe(rtp.speechHeader16)
    expect(header(inputs.ssrc, 2, 320, false, WARP_DTX_EXTENSION)).toBe(rtp.dtxHeader20)
  })

  it.each(Object.entries(rtp).filter(([name]) => /Header\d+$/.test(name)))('reads %s to its end', (name, hex) => {
    const read = newRtpHeader()
    expect(readRtpPacket(fromHex(hex), read)).toBe(true)
    expect(read.payloadStart).toBe(Number(/\d+$/.exec(name)![0]))
    expect(read.payloadEnd).toBe(read.payloadStart)
  })

  it('writes the reports', () => {
    const { packetsSent: packets, octetsSent: octets, rtpTimestamp } = rtcp.stats
    const report = { ssrc: inputs.ssrc, ...ntpTime(rtcp.nowMs), rtpTimestamp, packets, octets, blocks: [] }
    expect(toHex(buildSenderReport(report))).toBe(rtcp.senderReport)
    expect(toHex(buildWarp208(inputs.ssrc, rtcp.remoteSsrc))).toBe(rtcp.compact208)
    expect(toHex(buildWarp209(inputs.ssrc))).toBe(rtcp.compact209)
  })
})
