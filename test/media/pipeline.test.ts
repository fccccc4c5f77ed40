import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { G711Decoder, G711Encoder } from '../../src/media/codecs/g711/g711.ts'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { alignTo, estimateDelay } from '../../src/media/measure/align.ts'
import { stoi } from '../../src/media/measure/stoi.ts'
import { fromWhatsapp, SIP_JITTER, toWhatsapp } from '../../src/media/pipeline.ts'
import { newRtpHeader } from '../../src/media/rtp/rtp-packet.ts'
import { RtpPlayout } from '../../src/media/rtp-playout.ts'
import { SIP_CODECS } from '../../src/media/sip-codecs.ts'
import { SipDecoders } from '../../src/media/sip-decoders.ts'
import { SipSender } from '../../src/media/sip-sender.ts'
import { voice } from './voice-signal.ts'

const SECONDS = 3

/** What comes out, and by how much it lags: the moment its first sample can be played is that of its first payload. */
class Ear {
  readonly #pcm: Float32Array[] = []
  #startMs = -1

  hear(pcm: Float32Array, atMs: number): void {
    if (this.#startMs < 0) this.#startMs = atMs
    this.#pcm.push(pcm.slice())
  }

  judge(spoken: Float32Array, rateHz: number): { delayMs: number; score: number } {
    const heard = Float32Array.from(this.#pcm.flatMap((part) => Array.from(part)))
    const lag = estimateDelay(spoken, heard, rateHz / 2)
    return { delayMs: this.#startMs + (lag * 1000) / rateHz, score: stoi(spoken, alignTo(spoken, heard, lag), rateHz) }
  }
}

/** Runs `speak` once per period, each time with the next piece of the voice, as soon as the piece has been spoken. */
function speakInto(
  clock: VirtualClock,
  spoken: Float32Array,
  rateHz: number,
  periodMs: number,
  speak: (pcm: Float32Array, index: number) => void,
) {
  const samples = (periodMs * rateHz) / 1000
  for (let i = 0; (i + 1) * samples <= spoken.length; i++) {
    clock.after((i + 1) * periodMs, () => speak(spoken.subarray(i * samples, (i + 1) * samples), i))
  }
}

/** The budget of the whole gateway, with the framing on both sides, from a sample spoken to the sample sent on. */
const BUDGET_MS = 200
/** The two sides' clocks may tick in any phase to each other. */
const PHASES_MS = [0, 11, 19, 37, 53]

describe('SIP → bridge → WhatsApp', () => {
  it('is understood and within the budget in any phase of the two clocks', async () => {
    const spoken = voice(8000, SECONDS)
    const delays: number[] = []
    for (const phaseMs of PHASES_MS) {
      const clock = new VirtualClock()
      const decoders = await SipDecoders.create()
      const playout = new RtpPlayout({ clock, jitter: { ...SIP_JITTER, clockRateHz: 8000 }, paths: decoders.paths })
      const [phone, whatsapp, ear] = [new G711Encoder('pcma'), new MlowDecoder(), new Ear()]
      const pcm = new Float32Array(whatsapp.maxSamples)
      const sender = toWhatsapp(clock, new MlowEncoder(), 0, (payload) => {
        // The ear listens at 8 kHz, where the voice was spoken: every second sample of a signal without anything above.
        const samples = whatsapp.decode(payload, pcm)
        ear.hear(
          pcm.subarray(0, samples).filter((_, i) => i % 2 === 0),
          clock.nowMs(),
        )
      })
      sender.listenTo(playout)
      clock.after(phaseMs, () => sender.start())
      const header = newRtpHeader()
      header.payloadType = 8
      const datagram = new Uint8Array(160)
      speakInto(clock, spoken, 8000, 20, (piece, index) => {
        header.sequence = index
        header.timestamp = index * 160
        header.payloadEnd = phone.encode(piece, datagram)
        playout.push(header, datagram)
      })
      await clock.advance(SECONDS * 1000)
      sender.stop()
      decoders.close()
      const { delayMs, score } = ear.judge(spoken, 8000)
      delays.push(delayMs)
      expect(score).toBeGreaterThanOrEqual(0.9)
      expect(clock.pendingTimers).toBe(0)
    }
    console.log(`SIP → WhatsApp: ${delays.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    expect(Math.max(...delays)).toBeLessThanOrEqual(BUDGET_MS)
  })
})

describe('WhatsApp → bridge → SIP', () => {
  it('is understood and within the budget in any phase of the two clocks', async () => {
    const spoken = voice(16_000, SECONDS)
    const delays: number[] = []
    for (const phaseMs of PHASES_MS) {
      const clock = new VirtualClock()
      const playout = fromWhatsapp(clock, new MlowDecoder())
      const [whatsapp, phone, ear] = [new MlowEncoder(), new G711Decoder('pcmu'), new Ear()]
      const pcm = new Float32Array(phone.maxSamples)
      const onPayload = (_: number, payload: Uint8Array) => {
        phone.decode(payload, pcm)
        ear.hear(
          Float32Array.from({ length: 320 }, (_, i) => pcm[i >> 1]),
          clock.nowMs(),
        )
      }
      const sender = await SipSender.create({ clock, firstTimestamp: 0, onPayload, instead: () => false })
      await sender.use({ codec: SIP_CODECS.PCMU, payloadType: 0, fmtp: undefined }, 20, true)
      sender.listenTo(playout)
      clock.after(phaseMs, () => sender.start())
      const header = newRtpHeader()
      header.payloadType = 120
      const datagram = new Uint8Array(whatsapp.maxPayloadBytes)
      speakInto(clock, spoken, 16_000, 60, (piece, index) => {
        header.sequence = index
        header.timestamp = index * 960
        header.payloadEnd = whatsapp.encode(piece, datagram)
        playout.push(header, datagram)
      })
      await clock.advance(SECONDS * 1000)
      sender.close()
      const { delayMs, score } = ear.judge(spoken, 16_000)
      delays.push(delayMs)
      expect(score).toBeGreaterThanOrEqual(0.9)
      expect(clock.pendingTimers).toBe(0)
    }
    console.log(`WhatsApp → SIP: ${delays.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    expect(Math.max(...delays)).toBeLessThanOrEqual(BUDGET_MS)
  })
})
