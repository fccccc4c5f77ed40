import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { estimateDelay } from '../../src/media/measure/align.ts'
import { Pacer } from '../../src/media/pacing/pacer.ts'
import { fromWhatsapp, toWhatsapp } from '../../src/media/pipeline.ts'
import { newRtpHeader, WARP_AUDIO_PAYLOAD_TYPE } from '../../src/media/rtp/rtp-packet.ts'
import type { RtpPlayout } from '../../src/media/rtp-playout.ts'
import { voice } from './voice-signal.ts'

const RATE = 16_000
const CALL_S = 300
const FRAME = 320
const NETWORK_MS = 30
/** How much faster than the gateway's the phone's clock runs. */
const PHONE_SKEW = 1e-4

/** Samples from encoder to decoder. */
const CODEC_DELAY = 80
/** Where the delay is measured, in seconds. */
const AT_S = [10, 150, 290]

/** A voice that repeats after a time that is no multiple of any frame. */
const speech = voice(RATE, 7).subarray(0, 7 * RATE - 3)
const spokenAt = (sample: number) => speech[sample % speech.length]!

class Speaker implements AudioSource {
  #said = 0

  pull(out: Float32Array): void {
    for (let n = 0; n < out.length; n++) out[n] = spokenAt(this.#said++)
  }
}

/** Pulls 20 ms at a time and keeps all of it. */
class Listener {
  readonly heard = new Float32Array((CALL_S + 1) * RATE)
  readonly #block = new Float32Array(FRAME)
  readonly #pacer: Pacer
  #count = 0

  constructor(clock: VirtualClock, source: AudioSource) {
    const onFrame = () => {
      source.pull(this.#block)
      this.heard.set(this.#block, this.#count)
      this.#count += FRAME
    }
    this.#pacer = new Pacer({ clock, periodMs: 20, onFrame })
    this.#pacer.start()
  }

  stop(): void {
    this.#pacer.stop()
  }

  /** By how much what is heard four seconds long from `atS` on lags behind speech that runs `skew` too fast. */
  delayMs(atS: number, skew: number): number {
    const first = Math.round(atS * RATE * (1 + skew))
    const said = Float32Array.from({ length: 4 * RATE }, (_, n) => spokenAt(first + n))
    const heard = this.heard.subarray(atS * RATE, (atS + 4) * RATE)
    return (estimateDelay(said, heard, RATE / 2) * 1000) / RATE
  }

  /** Largest step from one sample to the next at each place of a frame. */
  largestSteps(): Float64Array {
    const steps = new Float64Array(FRAME)
    for (let n = 1; n < CALL_S * RATE; n++) {
      steps[n % FRAME] = Math.max(steps[n % FRAME]!, Math.abs(this.heard[n]! - this.heard[n - 1]!))
    }
    return steps
  }
}

/** A way for packets: 30 ms, and up to 15 ms more that follow no pattern. */
function network(clock: VirtualClock, playout: RtpPlayout): (payload: Uint8Array, timestamp: number) => void {
  const header = newRtpHeader()
  header.payloadType = WARP_AUDIO_PAYLOAD_TYPE
  let sequence = 0
  let state = 1
  return (payload, timestamp) => {
    const datagram = payload.slice()
    const number = sequence++ & 0xffff
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    clock.after(NETWORK_MS + (state >>> 28), () => {
      header.sequence = number
      header.timestamp = timestamp
      header.payloadEnd = datagram.length
      playout.push(header, datagram)
    })
  }
}

/** A phone's own pace: it sends a packet when its 60 ms are over. */
function speakLikeAPhone(clock: VirtualClock, send: (payload: Uint8Array, timestamp: number) => void): void {
  const encoder = new MlowEncoder()
  const speaker = new Speaker()
  const pcm = new Float32Array(encoder.frameSamples)
  const payload = new Uint8Array(encoder.maxPayloadBytes)
  let packets = 0
  const next = () => {
    speaker.pull(pcm)
    send(payload.subarray(0, encoder.encode(pcm, payload)), (packets * 960) >>> 0)
    packets++
    const dueMs = ((packets + 1) * 60) / (1 + PHONE_SKEW)
    if (dueMs < CALL_S * 1000) clock.after(dueMs - clock.nowMs(), next)
  }
  clock.after(60 / (1 + PHONE_SKEW), next)
}

const spread = (values: number[]) => Math.max(...values) - Math.min(...values)

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

describe('a call of five minutes, MLow both ways', () => {
  it('neither drifts, nor grows, nor clicks', async () => {
    const clock = new VirtualClock()
    const atPhone = fromWhatsapp(clock, new MlowDecoder())
    const atGateway = fromWhatsapp(clock, new MlowDecoder())
    const sender = toWhatsapp(clock, new MlowEncoder(), 0, network(clock, atPhone))
    sender.listenTo(new Speaker())
    sender.start()
    speakLikeAPhone(clock, network(clock, atGateway))
    const phone = new Listener(clock, atPhone)
    const gateway = new Listener(clock, atGateway)
    await clock.advance(60_000)
    const heapBefore = heapAfterCollection()
    await clock.advance((CALL_S - 60) * 1000)
    const growth = heapAfterCollection() - heapBefore
    sender.stop()
    phone.stop()
    gateway.stop()

    for (const each of [atPhone.stats(), atGateway.stats()]) {
      expect(each).toMatchObject({ lost: 0, late: 0, refused: 0, concealedMs: 0, restarts: 0 })
      expect(each.received).toBeGreaterThanOrEqual(CALL_S / 0.06 - 1)
    }
    expect(sender.skippedFrames).toBe(0)

    const toPhone = AT_S.map((atS) => phone.delayMs(atS, 0))
    expect(spread(toPhone)).toBe(0)
    // Without corrections the faster clock would have added 28 ms.
    const toGateway = AT_S.map((atS) => gateway.delayMs(atS, PHONE_SKEW))
    expect(spread(toGateway)).toBeLessThanOrEqual(20)
    expect(Math.max(...toPhone, ...toGateway)).toBeLessThanOrEqual(200)
    expect(growth).toBeLessThan(1e5)

    const steps = phone.largestSteps()
    const border = (Math.round((toPhone[0]! * RATE) / 1000) - CODEC_DELAY + FRAME) % FRAME
    const inside = steps.filter((_, place) => Math.abs(place - border) > 1)
    expect(Math.max(...steps.slice(border - 1, border + 2))).toBeLessThanOrEqual(Math.max(...inside))
    // Here splices move the borders about, but no step may be larger than where there are none.
    expect(Math.max(...gateway.largestSteps())).toBeLessThanOrEqual(1.05 * Math.max(...inside))
  }, 120_000)
})
