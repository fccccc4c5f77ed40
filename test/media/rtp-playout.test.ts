import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { AudioDecoder } from '../../src/media/codecs/codec.ts'
import { muLaw, toLinear16 } from '../../src/media/codecs/g711/companding.ts'
import { OpusDecoder, OpusEncoder } from '../../src/media/codecs/opus/opus.ts'
import { SIP_JITTER } from '../../src/media/pipeline.ts'
import { newRtpHeader } from '../../src/media/rtp/rtp-packet.ts'
import { RtpPlayout } from '../../src/media/rtp-playout.ts'
import { SipDecoders } from '../../src/media/sip-decoders.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A clock that the simulation sets; the playout arms no timer. */
class SetClock implements Clock {
  timeMs = 0
  nowMs = () => this.timeMs
  wallMs = () => this.timeMs
  after(): never {
    throw new Error('a playout needs no timer')
  }
}

/** Two seconds of a voice of 200 Hz, one second of almost nothing, and so on. */
const talking = (seconds: number) =>
  seconds % 3 < 2 ? 0.3 * Math.sin(2 * Math.PI * 200 * seconds) : 0.002 * Math.sin(900 * seconds)
const humming = (seconds: number) => 0.3 * Math.sin(2 * Math.PI * 200 * seconds)

const CYCLE_SAMPLES = 3 * 8000

async function sipPlayout(clock: Clock) {
  const decoders = await SipDecoders.create()
  cleanups.push(() => decoders.close())
  const jitter = { ...SIP_JITTER, clockRateHz: 8000 }
  return { decoders, playout: new RtpPlayout({ clock, jitter, paths: decoders.paths }) }
}

interface Line {
  readonly minutes: number
  readonly pullMs: number
  /** How much longer than 20 ms the sender's 20 ms are. */
  readonly skew?: number
  readonly jitterMs?: number
  readonly loss?: number
  readonly voice?: (seconds: number) => number
  /** Sees every block, with the time of the pull. */
  readonly onBlock?: (block: Float32Array, atMs: number, playout: RtpPlayout) => void
}

async function listen({ minutes, pullMs, skew = 0, jitterMs = 0, loss = 0, voice = talking, onBlock }: Line) {
  const clock = new SetClock()
  const { playout } = await sipPlayout(clock)
  const random = seededRandom(11)
  const header = newRtpHeader()
  header.payloadEnd = 160
  const codes = Uint8Array.from({ length: CYCLE_SAMPLES }, (_, n) => muLaw.compress(toLinear16(voice(n / 8000))))
  const block = new Float32Array(pullMs * 16)
  const arrivals: { atMs: number; index: number }[] = []
  const send = (index: number) => {
    if (random.below(1000) < loss * 1000) return
    arrivals.push({ atMs: index * 20 * (1 + skew) + (jitterMs * random.below(1000)) / 1000, index })
    arrivals.sort((a, b) => a.atMs - b.atMs)
  }
  const receive = ({ atMs, index }: { atMs: number; index: number }) => {
    clock.timeMs = Math.max(clock.timeMs, atMs)
    header.sequence = index & 0xffff
    header.timestamp = (index * 160) >>> 0
    const start = (index * 160) % CYCLE_SAMPLES
    playout.push(header, codes.subarray(start, start + 160))
  }
  let sent = 0
  for (let pulled = 1; pulled * pullMs < minutes * 60_000; pulled++) {
    const atMs = pulled * pullMs + 3
    while (sent * 20 * (1 + skew) <= atMs) send(sent++)
    while (arrivals.length > 0 && arrivals[0].atMs <= atMs) receive(arrivals.shift()!)
    clock.timeMs = atMs
    playout.pull(block)
    onBlock?.(block, atMs, playout)
  }
  return { sent, stats: playout.stats() }
}

describe('RtpPlayout', () => {
  it.each([
    ['a faster sender, pauses', -200e-6, talking, 20],
    ['a slower sender, pauses', 200e-6, talking, 20],
    ['a faster sender, never a pause', -200e-6, humming, 60],
    ['a slower sender, never a pause', 200e-6, humming, 60],
  ])(
    'holds its delay for an hour against clocks 200 ppm apart: %s',
    async (_, skew, voice, pullMs) => {
      const minutes = 60
      let longestMs = 0
      let shortestMs = Number.POSITIVE_INFINITY
      let longestSilenceMs = 0
      let silentMs = 0
      const { stats } = await listen({
        minutes,
        pullMs,
        skew,
        voice,
        onBlock: (block, atMs, playout) => {
          silentMs = block.some((sample) => sample !== 0) ? 0 : silentMs + pullMs
          if (atMs < 1000 || atMs % 1000 > pullMs) return
          longestSilenceMs = Math.max(longestSilenceMs, silentMs)
          const { cushionMs, heldMs } = playout.stats()
          if (cushionMs === undefined) return
          longestMs = Math.max(longestMs, cushionMs + heldMs)
          shortestMs = Math.min(shortestMs, cushionMs)
        },
      })
      expect(longestMs).toBeLessThanOrEqual(75)
      expect(shortestMs).toBeGreaterThan(0)
      expect(longestSilenceMs).toBe(0)
      // 200 ppm of an hour are 720 ms: all of it spliced, none of it concealed or thrown away.
      expect(stats).toMatchObject({ lost: 0, late: 0, discarded: 0, concealedMs: 0, refused: 0 })
    },
    60_000,
  )

  it('adds no more than a packet and its least target without jitter', async () => {
    for (const pullMs of [20, 60]) {
      const { stats } = await listen({ minutes: 0.2, pullMs })
      expect(stats.targetMs).toBe(20)
      expect(stats.cushionMs! + stats.heldMs).toBeLessThanOrEqual(40)
      expect(stats.resamplerMs).toBe(3)
    }
  })

  it('covers jitter with delay, not with concealment', async () => {
    const { stats, sent } = await listen({ minutes: 5, pullMs: 20, jitterMs: 60 })
    expect(stats.targetMs).toBeGreaterThanOrEqual(60)
    expect(stats.targetMs).toBeLessThanOrEqual(80)
    expect(stats.jitterMs).toBeGreaterThan(10)
    expect(stats.late + stats.lost + stats.concealedMs / 20).toBeLessThan(0.01 * sent)
  })

  it('conceals a tenth of the packets without a hole in the sound', async () => {
    let quietBlocks = 0
    let blocks = 0
    const { stats, sent } = await listen({
      minutes: 2,
      pullMs: 20,
      loss: 0.1,
      voice: humming,
      onBlock: (block, atMs) => {
        if (atMs < 1000) return
        blocks++
        if (Math.sqrt(block.reduce((sum, x) => sum + x * x, 0) / block.length) < 0.05) quietBlocks++
      },
    })
    expect(stats.lost / sent).toBeGreaterThan(0.08)
    expect(stats.lost / sent).toBeLessThan(0.12)
    expect(stats.concealedMs).toBe(stats.lost * 20)
    expect(stats.cushionMs! + stats.heldMs).toBeLessThanOrEqual(40)
    // A gap of one packet is bridged at level; only two and more in a row fade.
    expect(quietBlocks / blocks).toBeLessThan(0.02)
  })

  it('fills everything with silence before the first packet', async () => {
    const clock = new SetClock()
    const { playout: stage } = await sipPlayout(clock)
    const block = new Float32Array(960).fill(1)
    stage.pull(block)
    expect(block.every((sample) => sample === 0)).toBe(true)
    expect(stage.stats()).toMatchObject({ received: 0, cushionMs: undefined, concealedMs: 0 })
  })

  it('stands in for payloads that no decoder takes', async () => {
    const clock = new SetClock()
    const { playout: stage } = await sipPlayout(clock)
    const header = newRtpHeader()
    const block = new Float32Array(320)
    for (let i = 0; i < 50; i++) {
      clock.timeMs = i * 20
      header.sequence = i
      header.timestamp = i * 160
      header.payloadType = i % 2 === 0 ? 0 : 96
      header.payloadEnd = i % 4 === 0 ? 0 : 160
      stage.push(header, new Uint8Array(160))
      stage.pull(block)
    }
    expect(stage.plays(8)).toBe(true)
    expect(stage.plays(96)).toBe(false)
    const { refused, concealedMs } = stage.stats()
    expect(refused).toBeGreaterThan(30)
    expect(concealedMs).toBe(refused * 20)
  })

  it('takes a lost packet from the copy in the next one when the codec has it', async () => {
    const clock = new SetClock()
    const options = {
      sampleRateHz: 16000,
      frameMs: 20,
      bitrate: 32000,
      complexity: 5,
      expectedLossPercent: 30,
      dtx: false,
    } as const
    const encoder = await OpusEncoder.create(options)
    const decoder = await OpusDecoder.create(16000)
    cleanups.push(
      () => encoder.close(),
      () => decoder.close(),
    )
    const jitter = { clockRateHz: 48000, packetMs: 20, minTargetMs: 40, maxTargetMs: 120 }
    const playout = new RtpPlayout({
      clock,
      jitter,
      paths: new Map([[107, { decoder, clockRateHz: jitter.clockRateHz, resampler: undefined }]]),
    })
    const header = newRtpHeader()
    header.payloadType = 107
    const datagram = new Uint8Array(encoder.maxPayloadBytes)
    const block = new Float32Array(320)
    for (let i = 0; i < 200; i++) {
      clock.timeMs = i * 20
      header.sequence = i
      header.timestamp = i * 960
      header.payloadEnd = encoder.encode(
        Float32Array.from(block, (_, n) => talking((i * 320 + n) / 16000)),
        datagram,
      )
      if (i % 10 !== 5) playout.push(header, datagram)
      playout.pull(block)
    }
    const { lost, recovered, refused, concealedMs } = playout.stats()
    expect(lost).toBe(20)
    expect(recovered).toBe(lost)
    expect(concealedMs).toBe(0)
    expect(refused).toBe(0)
  })
})

/** Frames of 60 ms with a number inside; says what it was asked for. */
class NumberedDecoder implements AudioDecoder {
  readonly sampleRateHz = 16_000
  readonly maxSamples = 960
  readonly asked: string[] = []
  decode(payload: Uint8Array): number {
    this.asked.push(`decode ${payload[0]}`)
    return 960
  }
  conceal(samples: number): number {
    this.asked.push(`conceal ${samples}`)
    return samples
  }
  concealBefore(next: Uint8Array, samples: number): number {
    this.asked.push(`conceal ${samples} before ${next[0]}`)
    return samples
  }
  reset(): void {}
}

describe('a lost packet, concealed', () => {
  it.each([
    [20, ['decode 10', 'conceal 320', 'conceal 320', 'conceal 320 before 12', 'decode 12', 'decode 13']],
    [60, ['decode 10', 'conceal 960', 'decode 12', 'decode 13']],
  ])('leads to the next one as soon as that is there, in pulls of %i ms', (pullMs, asked) => {
    const clock = new SetClock()
    const decoder = new NumberedDecoder()
    const jitter = { ...SIP_JITTER, clockRateHz: 16_000, packetMs: 60 }
    const paths = new Map([[0, { decoder, clockRateHz: 16_000, resampler: undefined }]])
    const playout = new RtpPlayout({ clock, jitter, paths })
    const header = newRtpHeader()
    header.payloadEnd = 1
    const block = new Float32Array(pullMs * 16)
    for (; clock.timeMs < 16 * 60; clock.timeMs += 10) {
      const packet = clock.timeMs / 60
      if (Number.isInteger(packet) && packet !== 11) {
        header.sequence = packet
        header.timestamp = packet * 960
        playout.push(header, Uint8Array.of(packet))
      }
      if (clock.timeMs % pullMs === (pullMs === 20 ? 10 : 30)) playout.pull(block)
    }
    const from = decoder.asked.indexOf('decode 10')
    expect(decoder.asked.slice(from, from + asked.length)).toEqual(asked)
  })
})
