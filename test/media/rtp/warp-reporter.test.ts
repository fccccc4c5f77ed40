import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import { seededRandom } from '../../../src/base/random.ts'
import { ReceptionStatistics } from '../../../src/media/rtp/reception-statistics.ts'
import { ReportBlockSource } from '../../../src/media/rtp/report-block.ts'
import { parseRtcp } from '../../../src/media/rtp/rtcp-packet.ts'
import { WarpReporter } from '../../../src/media/rtp/warp-reporter.ts'

const OWN = 0x1111_1111
const REMOTE = 0x2222_2222

function setUp() {
  const clock = new VirtualClock()
  const sent: { atMs: number; types: number[]; bytes: Buffer }[] = []
  const reporter = new WarpReporter({
    clock,
    random: seededRandom(1),
    sent: { ssrc: OWN, packets: 7, octets: 70, timestamp: 6720 },
    remoteSsrc: () => REMOTE,
    blocks: new ReportBlockSource(new ReceptionStatistics(16_000)),
    send: (compound) => sent.push({ atMs: clock.nowMs(), types: typesOf(compound), bytes: Buffer.from(compound) }),
  })
  return { clock, reporter, sent }
}

/** The packet types of a compound, in order. */
function typesOf(compound: Uint8Array): number[] {
  const types: number[] = []
  for (let at = 0; at < compound.length; at += 4 * (1 + compound[at + 2] * 256 + compound[at + 3])) {
    types.push(compound[at + 1])
  }
  return types
}

describe('the reports of a WhatsApp call', () => {
  it('begin at once: 208 every second, sender report with SDES every 1.5 s, 209 every 3 s', async () => {
    const { clock, reporter, sent } = setUp()
    reporter.start()
    await clock.advance(6000)
    const times = (first: number) => sent.filter(({ types }) => types[0] === first).map(({ atMs }) => atMs)
    expect(times(208)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000])
    expect(times(200)).toEqual([0, 1500, 3000, 4500, 6000])
    expect(times(209)).toEqual([0, 3000, 6000])
    expect(sent.filter(({ types }) => types[0] === 200).every(({ types }) => types[1] === 202)).toBe(true)
    reporter.stop()
    expect(clock.pendingTimers).toBe(0)
  })

  it('name both streams, what was sent, and one CNAME throughout', async () => {
    const { clock, reporter, sent } = setUp()
    reporter.start()
    await clock.advance(1500)
    reporter.stop()
    const of = (type: number) => sent.filter(({ types }) => types[0] === type).map(({ bytes }) => bytes)
    expect(of(208)[0].readUInt32BE(4)).toBe(OWN)
    expect(of(208)[0].readUInt32BE(8)).toBe(REMOTE)
    expect(of(209)[0].readUInt32BE(4)).toBe(OWN)
    const [report] = parseRtcp(of(200)[0])
    expect(report).toMatchObject({ ssrc: OWN, packets: 7, octets: 70, rtpTimestamp: 6720, blocks: [{ ssrc: REMOTE }] })
    const names = of(200).map((bytes) => /[0-9a-f]{5}@pj[0-9a-f]{6}\.org/.exec(bytes.toString('latin1'))?.[0])
    expect(names[0]).toBeDefined()
    expect(names[1]).toBe(names[0])
  })
})
