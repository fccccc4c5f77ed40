import { describe, expect, it } from 'vitest'
import { newRtpHeader, WARP_SPEECH_EXTENSION, writeRtpHeader } from '../../src/media/rtp/rtp-packet.ts'
import { deriveSenderKeys, deriveSsrc, participantId } from '../../src/media/srtp/call-keys.ts'
import { estimateRollover } from '../../src/media/srtp/packet-index.ts'
import { SrtpCipher } from '../../src/media/srtp/srtp-cipher.ts'
import { warpProfile } from '../../src/media/srtp/srtp-profile.ts'
import { SrtpReceiver } from '../../src/media/srtp/srtp-receiver.ts'
import { SrtpSender } from '../../src/media/srtp/srtp-sender.ts'
import { fromHex, jsonVectors, toHex } from './json-vectors.ts'

interface CryptoVectors {
  readonly e2e: readonly {
    readonly callKey: string
    readonly lid: string
    readonly cipherKey: string
    readonly authKey: string
    readonly salt: string
    readonly ssrc: number
    readonly roc: number
    readonly seq: number
    readonly payload: string
    readonly cipher: string
    readonly srtcp: Record<'cipherKey' | 'authKey' | 'salt' | 'rtcp' | 'protected', string> & { readonly index: number }
  }[]
  readonly warp: readonly { callKey: string; authKey: string; packet: string; roc: number; tag4: string }[]
  readonly ssrc: readonly { callId: string; lid: string; ssrcs: readonly number[] }[]
  readonly roc: readonly { seq?: number; recv?: number; txSeq?: number; tx?: number }[]
}

interface Kats {
  readonly inputs: Record<'callKey' | 'selfLid' | 'peerLid' | 'payload' | 'callId' | 'samplePacket', string> &
    Record<'ssrc' | 'seq' | 'roc', number>
  readonly e2e_srtp: Record<string, string>
  readonly voip_crypto: { readonly ssrc_slot0: number; readonly ssrc_slot1: number }
}

/** The slots in the order in which the vectors list their SSRCs. */
const LISTED_SLOTS = [0, 1, 4, 2, 3, 5, 7, 8, 6]

const cryptoFiles = jsonVectors<CryptoVectors>('media crypto', (file) => Array.isArray(file.e2e))
const katFiles = jsonVectors<Kats>('primitive answers', (file) => file.e2e_srtp !== undefined)

function rtpPacket(ssrc: number, seq: number, payload: string): Uint8Array {
  const body = fromHex(payload)
  const packet = new Uint8Array(16 + body.length)
  writeRtpHeader({ ...newRtpHeader(), payloadType: 120, sequence: seq, ssrc }, WARP_SPEECH_EXTENSION, packet)
  packet.set(body, 16)
  return packet
}

describe.each(cryptoFiles)('$path', ({ content }) => {
  it.each(content.e2e)('derives the keys of $lid', (vector) => {
    const keys = deriveSenderKeys(fromHex(vector.callKey), vector.lid)
    for (const [session, expected] of [[keys.rtp, vector] as const, [keys.rtcp, vector.srtcp] as const]) {
      expect(toHex(session.cipherKey)).toBe(expected.cipherKey)
      expect(toHex(session.authKey)).toBe(expected.authKey)
      expect(toHex(session.salt)).toBe(expected.salt)
    }
  })

  it.each(content.e2e)('takes the first 32 bytes of a longer raw epoch for $lid', ({ callKey, lid, cipherKey }) => {
    const epoch = fromHex(`${callKey}00112233`)
    expect(toHex(deriveSenderKeys(epoch, lid).rtp.cipherKey)).toBe(cipherKey)
  })

  it.each(content.e2e)('encrypts and opens RTP at roll-over $roc, sequence $seq', (vector) => {
    const keys = deriveSenderKeys(fromHex(vector.callKey), vector.lid)
    const packet = rtpPacket(vector.ssrc, vector.seq, vector.payload)
    const wire = new Uint8Array(packet.length + 4)
    expect(new SrtpSender(keys, warpProfile(), vector.roc).protect(packet, wire)).toBe(wire.length)
    expect(toHex(wire.subarray(16, packet.length))).toBe(vector.cipher)
    const clear = new Uint8Array(wire.length)
    expect(new SrtpReceiver(keys, warpProfile(), vector.roc).unprotect(wire, clear)).toBe(packet.length)
    expect(clear.subarray(0, packet.length)).toEqual(packet)
  })

  // The report inside these vectors names another stream than the one (`ssrc`) that it was encrypted for.
  it.each(content.e2e)('encrypts and tags RTCP of $lid at index $srtcp.index', ({ callKey, lid, ssrc, srtcp }) => {
    const keys = deriveSenderKeys(fromHex(callKey), lid)
    const expected = fromHex(srtcp.protected)
    const tagStart = expected.length - 10
    const report = fromHex(srtcp.rtcp)
    new DataView(report.buffer).setUint32(4, ssrc)
    const wire = new SrtpSender(keys, warpProfile(), 0, srtcp.index).protectRtcp(report)
    expect(toHex(wire.subarray(8, tagStart))).toBe(toHex(expected.subarray(8, tagStart)))
    expect(new SrtpReceiver(keys, warpProfile()).unprotectRtcp(wire)).toEqual(report)
    const tag = new SrtpCipher(keys.rtcp).rtcpTag(expected.subarray(0, tagStart))
    expect(toHex(tag.subarray(0, 10))).toBe(toHex(expected.subarray(tagStart)))
  })

  it.each(content.warp)('protects a whole packet at roll-over $roc', ({ callKey, packet, roc, tag4 }) => {
    const { lid, payload } = content.e2e.find((vector) => vector.callKey === callKey)!
    const clear = fromHex(packet.slice(0, 32) + payload)
    const keys = deriveSenderKeys(fromHex(callKey), lid)
    const wire = new Uint8Array(clear.length + 4)
    expect(new SrtpSender(keys, warpProfile(), roc).protect(clear, wire)).toBe(wire.length)
    expect(toHex(wire)).toBe(packet + tag4)
    const opened = new Uint8Array(wire.length)
    expect(new SrtpReceiver(keys, warpProfile(), roc).unprotect(wire, opened)).toBe(clear.length)
  })

  it.each(content.warp)('tags a packet at roll-over $roc with $tag4', ({ authKey, packet, roc, tag4 }) => {
    const cipher = new SrtpCipher({
      authKey: fromHex(authKey),
      cipherKey: new Uint8Array(16),
      salt: new Uint8Array(14),
    })
    expect(toHex(cipher.rtpTag(fromHex(packet), roc).subarray(0, 4))).toBe(tag4)
  })

  it.each(content.ssrc)('derives the nine SSRCs of $lid', ({ callId, lid, ssrcs }) => {
    expect(LISTED_SLOTS.map((slot) => deriveSsrc(callId, lid, slot))).toEqual(ssrcs)
  })

  it('follows the roll-over counter of a sequence received out of order', () => {
    const steps = content.roc.flatMap(({ seq, recv }) => (seq === undefined ? [] : [{ seq, recv }]))
    let highest = steps[0].seq
    let rollover = 0
    const estimates = steps.map(({ seq }) => {
      const estimate = estimateRollover(seq, highest, rollover)
      if (estimate > rollover || (estimate === rollover && seq > highest)) {
        highest = seq
        rollover = estimate
      }
      return estimate
    })
    expect(estimates).toEqual(steps.map(({ recv }) => recv))
  })

  it('counts the roll-overs of what it sends', () => {
    const steps = content.roc.flatMap(({ txSeq, tx }) => (txSeq === undefined ? [] : [{ txSeq, tx }]))
    const keys = deriveSenderKeys(new Uint8Array(32), '1:0@lid')
    const sender = new SrtpSender(keys, warpProfile(20))
    const tags = new SrtpCipher(keys.rtp)
    const wire = new Uint8Array(200)
    for (const { txSeq, tx } of steps) {
      const length = sender.protect(rtpPacket(7, txSeq, '00'), wire)
      expect(toHex(wire.subarray(length - 20, length))).toBe(toHex(tags.rtpTag(wire.subarray(0, length - 20), tx!)))
    }
  })
})

describe.each(katFiles)('$path', ({ content: { inputs, e2e_srtp, voip_crypto } }) => {
  const keysOf = (lid: string) => deriveSenderKeys(fromHex(inputs.callKey), lid)

  it.each(['self', 'peer'] as const)('derives the keys of %s', (side) => {
    const { rtp } = keysOf(inputs[`${side}Lid`])
    expect(toHex(rtp.cipherKey)).toBe(e2e_srtp[`${side}_cipherKey`])
    expect(toHex(rtp.salt)).toBe(e2e_srtp[`${side}_salt`])
    expect(toHex(rtp.authKey)).toBe(e2e_srtp[`${side}_authKey`])
  })

  it('encrypts the payload with the keys of the peer', () => {
    const packet = rtpPacket(inputs.ssrc, inputs.seq, inputs.payload)
    const wire = new Uint8Array(packet.length + 4)
    new SrtpSender(keysOf(inputs.peerLid), warpProfile(), inputs.roc).protect(packet, wire)
    expect(toHex(wire.subarray(16, packet.length))).toBe(e2e_srtp.cipher_out)
  })

  it('tags the sample packet', () => {
    const tag = new SrtpCipher(keysOf(inputs.peerLid).rtp).rtpTag(fromHex(inputs.samplePacket), inputs.roc)
    expect(toHex(tag.subarray(0, 4))).toBe(e2e_srtp.warp_mi_tag4)
  })

  it('derives the SSRCs of speech and its FEC', () => {
    expect(deriveSsrc(inputs.callId, inputs.peerLid, 0)).toBe(voip_crypto.ssrc_slot0)
    expect(deriveSsrc(inputs.callId, inputs.peerLid, 1)).toBe(voip_crypto.ssrc_slot1)
  })

  it('takes a JID without device or with a resource for the same participant', () => {
    const bare = inputs.peerLid.replace(':0@', '@')
    expect(participantId(bare)).toBe(inputs.peerLid)
    expect(participantId(`${inputs.peerLid}/x`)).toBe(inputs.peerLid)
  })
})
