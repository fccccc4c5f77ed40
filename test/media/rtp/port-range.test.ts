import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/base/errors.ts'
import { PortRange } from '../../../src/media/rtp/port-range.ts'

describe('PortRange', () => {
  it('gives even ports whose successors are in the range, until none is left', () => {
    const range = new PortRange(10_001, 10_008)
    expect(range.available).toBe(3)
    expect([range.take(), range.take(), range.take(), range.take()]).toEqual([10_002, 10_004, 10_006, undefined])
  })

  it('gives a returned port again as late as possible, and only once', () => {
    const range = new PortRange(4000, 4007)
    const first = range.take()!
    range.release(first)
    range.release(first)
    range.release(5000)
    expect([range.take(), range.take(), range.take(), range.take(), range.take()]).toEqual([
      4002,
      4004,
      4006,
      4000,
      undefined,
    ])
  })

  it.each([
    [4001, 4002],
    [5000, 4000],
    [65_534, 65_536],
  ])('refuses %i to %i', (first, last) => {
    expect(() => new PortRange(first, last)).toThrow(ConfigError)
  })
})
