import { describe, expect, it } from 'vitest'
import { ReceptionStatistics } from '../../../src/media/rtp/reception-statistics.ts'
import { newRtpHeader } from '../../../src/media/rtp/rtp-packet.ts'

function bench() {
  const statistics = new ReceptionStatistics(8000)
  const header = newRtpHeader()
  const note = (sequence: number, timestamp: number, atMs: number, ssrc = 1) => {
    Object.assign(header, { sequence: sequence & 0xffff, timestamp: timestamp >>> 0, ssrc })
    statistics.note(header, atMs)
  }
  return { statistics, note, header }
}

describe('ReceptionStatistics', () => {
  it('counts what is missing, and what has been missing since the last report', () => {
    const { statistics, note } = bench()
    for (let i = 0; i < 100; i++) if (i % 4 !== 1) note(i, i * 160, i * 20)
    expect(statistics).toMatchObject({ received: 75, lost: 25, highestSequence: 99 })
    expect(statistics.takeFractionLost()).toBe(64)
    expect(statistics.takeFractionLost()).toBe(0)
    for (let i = 100; i < 110; i++) note(i, i * 160, i * 20)
    expect(statistics.takeFractionLost()).toBe(0)
    expect(statistics.lost).toBe(25)
  })

  it('counts the cycles of the sequence number, and no jitter when the timestamp wraps', () => {
    const { statistics, note } = bench()
    for (let i = 0; i < 10; i++) note(0xfffb + i, 0xffff_fd00 + i * 160, i * 20)
    expect(statistics.highestSequence).toBe(0x10004)
    expect(statistics.lost).toBe(0)
    expect(statistics.jitterUnits).toBe(0)
  })

  it('smooths jitter with a gain of one sixteenth', () => {
    const { statistics, note } = bench()
    note(0, 0, 0)
    note(1, 160, 30)
    // D is 10 ms = 80 units.
    expect(statistics.jitterUnits).toBe(5)
    note(2, 320, 50)
    expect(statistics.jitterMs).toBeCloseTo((5 - 5 / 16) / 8, 6)
  })

  it('goes below zero with duplicates, as RFC 3550 has it', () => {
    const { statistics, note } = bench()
    for (const sequence of [1, 2, 2, 2]) note(sequence, sequence * 160, sequence * 20)
    expect(statistics.lost).toBe(-2)
    expect(statistics.takeFractionLost()).toBe(0)
  })

  it('begins anew with another SSRC or a sender that starts over', () => {
    const { statistics, note } = bench()
    note(1, 0, 0)
    note(9, 160, 20)
    note(5000, 1000, 40, 2)
    expect(statistics).toMatchObject({ ssrc: 2, received: 1, lost: 0, highestSequence: 5000 })
    note(20_000, 1160, 60, 2)
    expect(statistics).toMatchObject({ received: 1, lost: 0, highestSequence: 20_000 })
  })

  it('learns no jitter from telephone events, whose timestamps stand still', () => {
    const { statistics, note, header } = bench()
    for (let i = 0; i < 5; i++) note(i, i * 160, i * 20)
    for (let i = 5; i < 20; i++) {
      Object.assign(header, { sequence: i, timestamp: 800 })
      statistics.noteOther(header)
    }
    note(20, 20 * 160, 400)
    expect(statistics).toMatchObject({ received: 21, lost: 0, jitterUnits: 0 })
  })
})
