import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { opusWishes } from '../../../src/media/codecs/opus/opus-format.ts'

describe('opusWishes', () => {
  it.each([
    [undefined, 28_000, false],
    ['useinbandfec=1', 28_000, true],
    ['minptime=10; UseInBandFEC=1 ;maxaveragebitrate=20000', 20_000, true],
    ['maxaveragebitrate=510000;useinbandfec=0', 40_000, false],
    ['maxaveragebitrate=6000', 8_000, false],
    ['maxaveragebitrate=many;;=;useinbandfec', 28_000, false],
  ])('%s', (fmtp, bitrate, redundancy) => {
    expect(opusWishes(fmtp)).toEqual({ bitrate, redundancy })
  })

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), (fmtp) => {
        const { bitrate } = opusWishes(fmtp)
        expect(bitrate).toBeGreaterThanOrEqual(8_000)
        expect(bitrate).toBeLessThanOrEqual(40_000)
      }),
    )
  })
})
