import { describe, expect, it } from 'vitest'
import { G711Decoder, G711Encoder } from '../../src/media/codecs/g711/g711.ts'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { intelligibility } from '../../src/media/measure/intelligibility.ts'
import { resampleWhole } from '../../src/media/measure/rational-resample.ts'
import { fromWhatsapp, SIP_JITTER, toWhatsapp } from '../../src/media/pipeline.ts'
import { newRtpHeader, WARP_AUDIO_PAYLOAD_TYPE } from '../../src/media/rtp/rtp-packet.ts'
import { RtpPlayout } from '../../src/media/rtp-playout.ts'
import { SIP_CODECS } from '../../src/media/sip-codecs.ts'
import { SipDecoders } from '../../src/media/sip-decoders.ts'
import { SipSender } from '../../src/media/sip-sender.ts'
import { speech } from '../../src/sim/speech.ts'
import { BusyLoop, type Stall } from './busy-loop.ts'

const WIDE = 16_000
const NARROW = 8000
const wide = speech()
const narrow = Float32Array.from(resampleWhole(wide, WIDE, NARROW))
const LENGTH_MS = (wide.length * 1000) / WIDE
const NETWORK_MS = 3

/** Who stands still: our own process, or the one that sends. */
type Who = 'gateway' | 'sender'

interface Spoken {
  readonly atMs: number
  readonly payload: Uint8Array
}

const mlowPackets: Spoken[] = (() => {
  const encoder = new MlowEncoder()
  const payload = new Uint8Array(encoder.maxPayloadBytes)
  return Array.from({ length: Math.floor(wide.length / 960) + 10 }, (_, i) => {
    const pcm = new Float32Array(960)
    pcm.set(wide.subarray(i * 960, (i + 1) * 960))
    return { atMs: (i + 1) * 60, payload: payload.slice(0, encoder.encode(pcm, payload)) }
  })
})()

const g711Packets: Spoken[] = (() => {
  const encoder = new G711Encoder('pcma')
  return Array.from({ length: Math.floor(narrow.length / 160) + 30 }, (_, i) => {
    const pcm = new Float32Array(160)
    pcm.set(narrow.subarray(i * 160, (i + 1) * 160))
    const payload = new Uint8Array(160)
    encoder.encode(pcm, payload)
    return { atMs: (i + 1) * 20, payload }
  })
})()

/** When the packets come, the sender's own stalls counted in. */
function arrivals(packets: readonly Spoken[], stalls: readonly Stall[]) {
  return packets.map(({ atMs, payload }) => {
    const stall = stalls.find(({ fromMs, durationMs }) => atMs >= fromMs && atMs < fromMs + durationMs)
    return { atMs: NETWORK_MS + (stall ? stall.fromMs + stall.durationMs : atMs), payload }
  })
}

async function heardFromWhatsApp(who: Who, stalls: readonly Stall[], phaseMs = 7) {
  const loop = new BusyLoop(who === 'gateway' ? stalls : [])
  const playout = fromWhatsapp(loop, new MlowDecoder())
  const decoder = new G711Decoder('pcma')
  const heard = new Float32Array(narrow.length + 4 * NARROW)
  const frame = new Float32Array(160)
  let startMs = -1
  const onPayload = (_: number, payload: Uint8Array, timestamp: number) => {
    if (startMs < 0) startMs = loop.nowMs()
    decoder.decode(payload, frame)
    if (timestamp + 160 <= heard.length) heard.set(frame, timestamp)
  }
  const sender = await SipSender.create({ clock: loop, firstTimestamp: 0, onPayload, instead: () => false })
  await sender.use({ codec: SIP_CODECS.PCMA, payloadType: 8, fmtp: undefined }, 20, true)
  sender.listenTo(playout)
  loop.after(phaseMs, () => sender.start())
  const header = newRtpHeader()
  header.payloadType = WARP_AUDIO_PAYLOAD_TYPE
  arrivals(mlowPackets, who === 'sender' ? stalls : []).forEach(({ atMs, payload }, i) => {
    loop.arrive(atMs, () => {
      header.sequence = i
      header.timestamp = i * 960
      header.payloadEnd = payload.length
      playout.push(header, payload)
    })
  })
  loop.run(LENGTH_MS + 600)
  sender.close()
  const { stoi, longestDelay } = intelligibility(narrow, heard, NARROW)
  return { stoi, delayMs: startMs + (longestDelay * 1000) / NARROW, stats: playout.stats() }
}

async function heardFromSip(who: Who, stalls: readonly Stall[], phaseMs = 7) {
  const loop = new BusyLoop(who === 'gateway' ? stalls : [])
  const decoders = await SipDecoders.create()
  const playout = new RtpPlayout({ clock: loop, jitter: { ...SIP_JITTER, clockRateHz: 8000 }, paths: decoders.paths })
  const decoder = new MlowDecoder()
  const heard = new Float32Array(wide.length + 4 * WIDE)
  const frame = new Float32Array(decoder.maxSamples)
  let startMs = -1
  let expected = 0
  const sender = toWhatsapp(loop, new MlowEncoder(), 0, (payload, timestamp) => {
    if (startMs < 0) startMs = loop.nowMs()
    for (; expected < timestamp; expected += 960) heard.set(frame.subarray(0, decoder.conceal(960, frame)), expected)
    const count = decoder.decode(payload, frame)
    heard.set(frame.subarray(0, count), timestamp)
    expected = timestamp + 960
  })
  sender.listenTo(playout)
  loop.after(phaseMs, () => sender.start())
  const header = newRtpHeader()
  header.payloadType = 8
  arrivals(g711Packets, who === 'sender' ? stalls : []).forEach(({ atMs, payload }, i) => {
    loop.arrive(atMs, () => {
      header.sequence = i
      header.timestamp = i * 160
      header.payloadEnd = 160
      playout.push(header, payload)
    })
  })
  loop.run(LENGTH_MS + 600)
  sender.stop()
  decoders.close()
  const heardNarrow = Float32Array.from(resampleWhole(heard, WIDE, NARROW))
  const { stoi, longestDelay } = intelligibility(narrow, heardNarrow, NARROW)
  return { stoi, delayMs: startMs + (longestDelay * 1000) / NARROW, stats: playout.stats() }
}

/** In a vowel, in a stop, at the border of two phrases. */
const POSITIONS_MS = [1130, 3700, 5630]
/** The least of a call that is listened to, and the longest way. */
const LEAST_STOI = 0.9
const LONGEST_MS = 200

const directions = [
  ['WhatsApp → SIP', heardFromWhatsApp],
  ['SIP → WhatsApp', heardFromSip],
] as const

describe.each(directions)('%s, with one stall in the middle of words', { timeout: 60_000 }, (name, heard) => {
  it.each([120, 200])('of our own process, %i ms long: nothing is lost, and nothing gets later', async (durationMs) => {
    const usual = await heard('gateway', [])
    for (const fromMs of POSITIONS_MS) {
      const { stoi, delayMs, stats } = await heard('gateway', [{ fromMs, durationMs }])
      expect(stats).toMatchObject({ concealedMs: 0, discarded: 0, lost: 0 })
      expect(stoi).toBeGreaterThanOrEqual(usual.stoi - 0.001)
      expect(delayMs).toBeLessThanOrEqual(usual.delayMs + 1)
    }
  })

  it.each([80, 120])(
    'of whoever sends, %i ms long: words are understood, and soon after they were said',
    async (durationMs) => {
      for (const fromMs of POSITIONS_MS) {
        const { stoi, delayMs } = await heard('sender', [{ fromMs, durationMs }])
        console.log(`${name}: ${durationMs} ms at ${fromMs}: STOI ${stoi.toFixed(3)}, ${delayMs.toFixed(0)} ms`)
        expect(stoi).toBeGreaterThanOrEqual(LEAST_STOI)
        expect(delayMs).toBeLessThanOrEqual(LONGEST_MS)
      }
    },
  )
})
