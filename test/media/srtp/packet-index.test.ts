import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateRollover, packetIndex, ReplayWindow } from '../../../src/media/srtp/packet-index.ts'

describe('estimateRollover', () => {
  it('finds the index of any packet less than half a turn away', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: -0x7fff, max: 0x7fff }),
        (highest, distance) => {
          fc.pre(highest + distance >= 0)
          const sequence = (highest + distance) % 0x1_0000
          const rollover = estimateRollover(sequence, highest % 0x1_0000, Math.floor(highest / 0x1_0000))
          expect(packetIndex(rollover, sequence)).toBe(highest + distance)
        },
      ),
    )
  })

  it('puts a late packet of the first turn before the beginning', () => {
    expect(estimateRollover(0xfffe, 1, 0)).toBe(-1)
  })
})

describe('ReplayWindow', () => {
  it('agrees with a set of everything seen, for the last 64 indices', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 })
    fc.assert(
      fc.property(steps, (indices) => {
        const window = new ReplayWindow()
        const seen = new Set<number>()
        let highest = -1
        for (const index of indices) {
          const fresh = !seen.has(index) && (highest < 0 || index > highest - 64)
          expect(window.isFresh(index)).toBe(fresh)
          if (!fresh) continue
          window.commit(index)
          seen.add(index)
          highest = Math.max(highest, index)
          expect(window.highest).toBe(highest)
        }
      }),
    )
  })

  it('refuses an index before the first packet of all', () => {
    expect(new ReplayWindow().isFresh(-1)).toBe(false)
  })
})
