import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import { seededRandom } from '../../../src/base/random.ts'
import { ReceptionStatistics } from '../../../src/media/rtp/reception-statistics.ts'
import { parseRtcp, type RtcpPacket } from '../../../src/media/rtp/rtcp-packet.ts'
import { RtcpReporter } from '../../../src/media/rtp/rtcp-reporter.ts'
import { newRtpHeader } from '../../../src/media/rtp/rtp-packet.ts'
import { RtpWriter } from '../../../src/media/rtp/rtp-writer.ts'

/** One side of a call: its stream, what it heard, its reports. */
function side(clock: VirtualClock, ssrc: number, seed: number) {
  const writer = new RtpWriter({ ssrc, firstSequence: 1, clockRateHz: 8000, send: () => undefined })
  const reception = new ReceptionStatistics(8000)
  const sent: { atMs: number; compound: Uint8Array }[] = []
  const reporter = new RtcpReporter({
    clock,
    random: seededRandom(seed),
    writer,
    reception,
    send: (compound) => sent.push({ atMs: clock.nowMs(), compound }),
  })
  const hear = (from: number, sequence: number) =>
    reception.note(Object.assign(newRtpHeader(), { ssrc: from, sequence, timestamp: sequence * 160 }), clock.nowMs())
  return { writer, reporter, sent, hear, packets: (i: number): RtcpPacket[] => parseRtcp(sent[i].compound) }
}

describe('RtcpReporter', () => {
  it('reports between 2.5 and 7.5 seconds apart, and says goodbye', async () => {
    const clock = new VirtualClock()
    const { reporter, sent, packets } = side(clock, 1, 3)
    reporter.start()
    reporter.start()
    await clock.advance(120_000)
    reporter.close()
    reporter.close()
    const gaps = sent.slice(1, -1).map(({ atMs }, i) => atMs - sent[i].atMs)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2500)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(7500)
    expect(gaps.length).toBeGreaterThan(15)
    expect(packets(sent.length - 1).at(-1)).toEqual({ type: 'goodbye', ssrcs: [1] })
    expect(clock.pendingTimers).toBe(0)
  })

  it('sends a sender report while it sends, a receiver report otherwise, and always its name', async () => {
    const clock = new VirtualClock()
    const { reporter, packets, writer } = side(clock, 1, 3)
    writer.write(0, new Uint8Array(160), 4321, true)
    writer.write(0, new Uint8Array(160), 4481, false)
    reporter.start()
    await clock.advance(16_000)
    expect(packets(0)).toMatchObject([
      { type: 'sender-report', ssrc: 1, rtpTimestamp: 4481, packets: 2, octets: 320, blocks: [] },
      { type: 'source-description', chunks: [{ ssrc: 1, cname: expect.stringMatching(/^[0-9a-f]{16}$/) }] },
    ])
    expect(packets(1)[0]).toEqual({ type: 'receiver-report', ssrc: 1, blocks: [] })
    reporter.close()
  })

  it('tells the other side its loss, and both measure the round trip', async () => {
    const clock = new VirtualClock()
    const [a, b] = [side(clock, 1, 3), side(clock, 2, 4)]
    a.writer.write(0, new Uint8Array(160), 0, true)
    for (const sequence of [1, 2, 4]) b.hear(1, sequence)
    a.reporter.start()
    await clock.advance(7600)
    // A's sender report takes 40 ms to B; B's answer waits for its turn, then takes 60 ms back.
    await clock.advance(40)
    b.reporter.receive(a.sent[0].compound)
    const lateMs = clock.nowMs() - a.sent[0].atMs
    b.reporter.start()
    await clock.advance(7600)
    const backMs = clock.nowMs() - b.sent[0].atMs
    a.reporter.receive(b.sent[0].compound)
    expect(a.reporter.remoteReport).toMatchObject({
      fractionLost: 0.25,
      cumulativeLost: 1,
      jitterMs: expect.any(Number),
    })
    expect(a.reporter.remoteReport!.roundTripMs).toBeCloseTo(lateMs + backMs, 0)
    expect(a.reporter.lastReceivedMs).toBe(clock.nowMs())
    a.reporter.close()
    b.reporter.close()
  })

  it('counts what it cannot read, and ignores reports about others', () => {
    const clock = new VirtualClock()
    const [a, b] = [side(clock, 1, 3), side(clock, 2, 4)]
    b.hear(77, 1)
    b.reporter.start()
    b.reporter.close()
    a.reporter.receive(b.sent[0].compound)
    expect(a.reporter.remoteReport).toBeUndefined()
    a.reporter.receive(Uint8Array.of(0x81, 201, 0, 9))
    a.reporter.receive(new Uint8Array(1501))
    a.reporter.receive(new Uint8Array(0))
    expect(a.reporter.malformed).toBe(3)
  })
})
