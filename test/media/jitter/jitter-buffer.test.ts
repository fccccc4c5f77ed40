import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JitterBuffer } from '../../../src/media/jitter/jitter-buffer.ts'
import { newRtpHeader } from '../../../src/media/rtp/rtp-packet.ts'

const PACKET_MS = 20
const UNITS = 160
const MAX_TARGET_MS = 120
/** What the buffer may hold above its target before it throws packets away, and a packet of rounding. */
const BOUND_MS = MAX_TARGET_MS + 100 + PACKET_MS

interface Heard {
  readonly kind: string
  readonly atMs: number
  /** The packet's number, for frames. */
  readonly index: number
}

/** A buffer, its sender (whose packets hold their index) and a player that pulls in blocks. */
class Bench {
  readonly buffer = new JitterBuffer({
    clockRateHz: 8000,
    packetMs: PACKET_MS,
    minTargetMs: 20,
    maxTargetMs: MAX_TARGET_MS,
  })
  readonly heard: Heard[] = []
  readonly #header = newRtpHeader()
  readonly #datagram = new Uint8Array(8)

  readonly firstSequence: number
  readonly firstTimestamp: number

  constructor(firstSequence = 100, firstTimestamp = 5000) {
    this.firstSequence = firstSequence
    this.firstTimestamp = firstTimestamp
  }

  push(index: number, atMs: number, change: { ssrc?: number; timestamp?: number; sequence?: number } = {}): void {
    const header = this.#header
    header.ssrc = change.ssrc ?? 1
    header.sequence = (change.sequence ?? this.firstSequence + index) & 0xffff
    header.timestamp = (change.timestamp ?? this.firstTimestamp + index * UNITS) >>> 0
    header.payloadStart = 4
    header.payloadEnd = 8
    new DataView(this.#datagram.buffer).setUint32(4, index)
    this.buffer.push(header, this.#datagram, atMs)
  }

  pull(atMs: number, blockMs = PACKET_MS): void {
    for (let missingMs = blockMs; missingMs > 0.5; ) {
      const { kind, packet, durationMs } = this.buffer.pull(atMs, missingMs)
      if (kind === 'frame') {
        this.heard.push({ kind, atMs, index: new DataView(packet!.bytes.buffer).getUint32(0) })
        this.buffer.played(PACKET_MS)
        missingMs -= PACKET_MS
      } else {
        expect(durationMs).toBeGreaterThan(0)
        this.heard.push({ kind, atMs, index: -1 })
        missingMs -= durationMs
      }
    }
  }

  get frames(): number[] {
    return this.heard.filter(({ kind }) => kind === 'frame').map(({ index }) => index)
  }

  get kinds(): string {
    return this.heard.map(({ kind }) => kind[0]).join('')
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('JitterBuffer', () => {
  it('starts after the least delay and then plays every packet, across wraps of both counters', () => {
    const bench = new Bench(0xffff - 3, 0xffff_ffff - 700)
    for (let i = 0; i < 50; i++) {
      bench.push(i, i * 20)
      bench.pull(i * 20 + 1)
    }
    expect(bench.kinds.slice(0, 4)).toBe('sfff')
    expect(bench.frames).toEqual(upTo(49))
    expect(bench.buffer.cushionMs).toBe(21)
    expect(bench.buffer.counters).toMatchObject({ received: 50, lost: 0, late: 0, discarded: 0, concealedMs: 0 })
  })

  it('starts within a block when a block is longer than a packet', () => {
    const bench = new Bench()
    for (const [i, atMs] of [0, 20, 40, 60, 80, 100, 120].entries()) bench.push(i, atMs)
    bench.pull(35, 60)
    bench.pull(95, 60)
    // At 35 ms only the first packet has been here for 20 ms: it goes to the end of the block.
    expect(bench.kinds).toBe('sffff')
    expect(bench.frames).toEqual([0, 1, 2, 3])
  })

  it('puts packets back in order and drops duplicates', () => {
    const bench = new Bench()
    bench.push(0, 0)
    bench.pull(21)
    bench.push(2, 40)
    bench.push(1, 40.5)
    bench.push(1, 40.6)
    for (const atMs of [41, 61]) bench.pull(atMs)
    bench.push(2, 62)
    expect(bench.frames).toEqual([0, 1, 2])
    expect(bench.buffer.counters).toMatchObject({ received: 5, duplicate: 2, late: 0, lost: 0, concealedMs: 0 })
  })

  it('conceals a lost packet for its time, counts it, and names the packet behind it', () => {
    const bench = new Bench()
    for (const i of [0, 1, 3]) {
      bench.push(i, i * 20)
      if (i < 2) bench.pull(i * 20 + 21)
    }
    const { kind, packet, durationMs } = bench.buffer.pull(61, PACKET_MS)
    expect([kind, durationMs, packet?.sequence]).toEqual(['conceal', PACKET_MS, 0x10000 + 103])
    bench.push(2, 62)
    bench.pull(81)
    expect(bench.frames).toEqual([0, 1, 3])
    expect(bench.buffer.counters).toMatchObject({ lost: 1, late: 1, concealedMs: PACKET_MS })
  })

  it('conceals when nothing is there, then is silent, and goes on when packets come again', () => {
    const bench = new Bench()
    for (let i = 0; i < 100; i++) {
      // A PBX whose application is silent sends nothing for a second; its timestamps go on.
      if (i < 20 || i >= 70) bench.push(i, i * 20)
      bench.pull(i * 20 + 1)
    }
    expect(bench.frames).toEqual([...upTo(20), ...upTo(29).map((i) => i + 70)])
    expect(bench.kinds).toMatch(/^sf{20}c{10}s{40}f{29}$/)
    expect(bench.buffer.counters.concealedMs).toBe(200)
    // The sequence numbers of the pause are missing, too.
    expect(bench.buffer.counters.lost).toBe(50)
  })

  it('bridges a pause whose sequence numbers go on without counting a loss', () => {
    const bench = new Bench()
    for (let i = 0; i < 60; i++) {
      if (i < 10 || i >= 15) bench.push(i, i * 20, { sequence: i < 10 ? i : i - 5 })
      bench.pull(i * 20 + 1)
    }
    expect(bench.frames).toEqual([...upTo(10), ...upTo(44).map((i) => i + 15)])
    expect(bench.buffer.counters.lost).toBe(0)
  })

  it('plays a packet that was late for an empty buffer, and asks to make up for the delay', () => {
    const bench = new Bench()
    for (let i = 0; i < 60; i++) {
      // Numbers 20 and 21 come after a pull has found nothing, just before number 22.
      if (i === 22) for (const late of [20, 21]) bench.push(late, 439)
      if (i !== 20 && i !== 21) bench.push(i, i * 20)
      bench.pull(i * 20 + 1)
    }
    expect(bench.frames).toEqual(upTo(58))
    expect(bench.buffer.counters).toMatchObject({ lost: 0, late: 0, discarded: 0, concealedMs: 20 })
    expect(bench.buffer.cushionMs).toBe(41)
  })

  it('takes up a new SSRC at once, and ignores stragglers of the old one', () => {
    const bench = new Bench()
    for (let i = 0; i < 20; i++) {
      bench.push(i, i * 20)
      bench.pull(i * 20 + 1)
    }
    for (let i = 0; i < 20; i++) {
      bench.push(1000 + i, 400 + i * 20, { ssrc: 2, timestamp: 77 + i * UNITS, sequence: 9 + i })
      bench.push(20 + i, 401 + i * 20)
      bench.pull(402 + i * 20)
    }
    expect(bench.frames).toEqual([...upTo(19), ...upTo(19).map((i) => 1000 + i)])
    expect(bench.buffer.counters.restarts).toBe(1)
  })

  it('owes nothing for the pause before a new SSRC whose timestamps run on', () => {
    const bench = new Bench()
    for (let i = 0; i < 50; i++) {
      if (i < 20) bench.push(i, i * 20)
      if (i >= 26) bench.push(i, i * 20, { ssrc: 2, sequence: 7000 + i })
      bench.pull(i * 20 + 1)
    }
    expect(bench.frames).toEqual([...upTo(20), ...upTo(23).map((i) => 26 + i)])
    expect(bench.kinds).toBe(`s${'f'.repeat(20)}cccccs${'f'.repeat(23)}`)
    expect(bench.buffer.counters).toMatchObject({ restarts: 1, lost: 0, discarded: 0 })
  })

  it.each([
    ['sequence numbers', { sequenceStep: 20_000, timestampStep: 0 }],
    ['timestamps', { sequenceStep: 0, timestampStep: 0x4000_0000 }],
    ['timestamps, backwards', { sequenceStep: 0, timestampStep: -80_000 }],
  ])('follows a sender that restarts its %s', (_, { sequenceStep, timestampStep }) => {
    const bench = new Bench()
    for (let i = 0; i < 100; i++) {
      const moved = i < 40 ? 0 : 1
      const change = { sequence: 100 + i + moved * sequenceStep, timestamp: 80_000 + i * UNITS + moved * timestampStep }
      bench.push(i, i * 20, change)
      bench.pull(i * 20 + 1)
    }
    const after = bench.frames.filter((index) => index >= 44)
    expect(bench.frames).toEqual([...bench.frames].sort((a, b) => a - b))
    expect(after.length).toBeGreaterThanOrEqual(52)
    expect(bench.buffer.targetMs).toBe(20)
  })

  it('ignores a single packet with a wild sequence number', () => {
    const bench = new Bench()
    for (let i = 0; i < 50; i++) {
      bench.push(i, i * 20)
      if (i === 25) bench.push(0, 501, { sequence: 30_000 })
      bench.pull(i * 20 + 2)
    }
    expect(bench.frames).toEqual(upTo(49))
  })

  it('holds a bounded number of packets when nobody pulls, and begins with the newest', () => {
    const bench = new Bench()
    for (let i = 0; i < 500; i++) bench.push(i, i * 20)
    expect(bench.buffer.waitingPackets).toBeLessThanOrEqual(32)
    bench.pull(499 * 20 + 1)
    expect(bench.frames[0]).toBeGreaterThanOrEqual(496)
  })

  it('throws away what a stall of the network brings all at once', () => {
    const bench = new Bench()
    for (let i = 0; i < 150; i++) {
      if (i < 50 || i >= 75) bench.push(i, i * 20)
      if (i === 75) for (let late = 50; late < 75; late++) bench.push(late, 1501)
      bench.pull(i * 20 + 2)
    }
    const last = bench.heard.at(-1)!
    expect(last.atMs - last.index * 20).toBeLessThanOrEqual(BOUND_MS)
    expect(bench.frames).toEqual([...bench.frames].sort((a, b) => a - b))
  })

  it('raises its target with jitter and lowers it when the network is calm again', () => {
    const bench = new Bench()
    let time = 0
    const run = (packets: number, jitterMs: number, from: number) => {
      for (let i = from; i < from + packets; i++) {
        time = i * 20
        bench.push(i, time + (i % 2) * jitterMs)
      }
    }
    run(100, 0, 0)
    expect(bench.buffer.targetMs).toBe(20)
    run(100, 55, 100)
    expect(bench.buffer.targetMs).toBe(70)
    run(2500, 0, 200)
    expect(bench.buffer.targetMs).toBe(20)
  })

  it('never plays out of order or twice, and never grows, whatever the network does', () => {
    const fate = fc.record({
      delayMs: fc.integer({ min: 0, max: 300 }),
      lost: fc.boolean(),
      copies: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(
        fc.array(fate, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(20, 60),
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (fates, blockMs, firstSequence, firstTimestamp) => {
          const bench = new Bench(firstSequence, firstTimestamp)
          const arrivals = fates
            .flatMap(({ delayMs, lost, copies }, index) =>
              lost && delayMs % 3 === 0
                ? []
                : Array.from({ length: copies }, (_, k) => ({ index, atMs: index * 20 + delayMs + 7 * k })),
            )
            .sort((a, b) => a.atMs - b.atMs)
          let pullMs = 0
          for (const { index, atMs } of arrivals) {
            for (; pullMs <= atMs; pullMs += blockMs) bench.pull(pullMs, blockMs)
            bench.push(index, atMs)
            expect(bench.buffer.waitingPackets).toBeLessThanOrEqual(32)
          }
          for (const end = pullMs + 1000; pullMs <= end; pullMs += blockMs) bench.pull(pullMs, blockMs)
          const { frames } = bench
          for (let i = 1; i < frames.length; i++) expect(frames[i]).toBeGreaterThan(frames[i - 1])
          for (const { kind, index, atMs } of bench.heard) {
            if (kind === 'frame') expect(atMs - index * 20).toBeLessThanOrEqual(300 + BOUND_MS + blockMs)
          }
          const { received, duplicate, late, discarded } = bench.buffer.counters
          expect(received).toBe(arrivals.length)
          expect(frames.length + duplicate + late + discarded).toBe(received)
          expect(bench.buffer.waitingPackets).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })
})
