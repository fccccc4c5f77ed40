import { describe, expect, it } from 'vitest'
import { randomHex, seededRandom, systemRandom } from '../../src/base/random.ts'

describe('random sources', () => {
  it('a seed gives the same numbers again, another seed others', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 8 },
        (
          (r) => () =>
            r.below(1000)
        )(seededRandom(seed)),
      )
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  it('stays below the limit', () => {
    for (const random of [systemRandom, seededRandom(1)]) {
      for (let i = 0; i < 1000; i++) expect(random.below(3)).toBeLessThan(3)
    }
  })

  it('randomHex gives two digits a byte', () => {
    expect(randomHex(16)).toMatch(/^[0-9a-f]{32}$/)
    expect(randomHex(16)).not.toBe(randomHex(16))
  })
})
