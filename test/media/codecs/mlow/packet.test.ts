import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameSlices, SplitRedBlocks } from '../../../../src/media/codecs/mlow/packet.ts'

const slicesOf = (payload: Uint8Array) => {
  const slices = new FrameSlices()
  slices.parse(payload, 0, payload.length)
  return Array.from({ length: slices.count }, (_, i) => [...payload.subarray(slices.starts[i], slices.ends[i])])
}
const frame = fc.uint8Array({ minLength: 1, maxLength: 255 })

describe('container', () => {
  test('gives back the frames that were put in', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 2, maxLength: 8 }), (frames) => {
        const headed = frames.flatMap((bytes, i) => (i < frames.length - 1 ? [bytes.length, ...bytes] : [...bytes]))
        expect(slicesOf(Uint8Array.of(0x92, frames.length, ...headed))).toEqual(frames.map((bytes) => [...bytes]))
      }),
    )
  })

  test.each([
    ['count below two', [0x92, 1, 1, 0x50, 0x50]],
    ['count above eight', [0x92, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['length over the end', [0x92, 2, 5, 0x50, 0x50]],
    ['empty last frame', [0x92, 2, 1, 0x50]],
    ['nothing but the mark', [0x92]],
  ])('%s: one bare frame', (_, payload) => {
    expect(slicesOf(Uint8Array.from(payload))).toEqual([payload])
  })

  test('any bytes: slices inside the payload, in order', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.boolean(), (bytes, marked) => {
        if (marked) bytes[0] = 0x92
        const slices = new FrameSlices()
        slices.parse(bytes, 0, bytes.length)
        expect(slices.count).toBeGreaterThan(0)
        let before = 0
        for (let i = 0; i < slices.count; i++) {
          expect(slices.starts[i]).toBeGreaterThanOrEqual(before)
          expect(slices.ends[i]).toBeGreaterThanOrEqual(slices.starts[i])
          before = slices.ends[i]
        }
        expect(before).toBe(bytes.length)
      }),
    )
  })
})

describe('SplitRed', () => {
  const block = fc.record({ timeCode: fc.integer({ min: 0, max: 127 }), bytes: fc.uint8Array({ maxLength: 255 }) })

  test('gives back the blocks that were put in', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), frame, (redundant, main) => {
        const headers = redundant.flatMap(({ timeCode, bytes }) => [0x80 | timeCode, bytes.length])
        const payload = Uint8Array.of(...headers, 0, ...redundant.flatMap(({ bytes }) => [...bytes]), ...main)
        const blocks = new SplitRedBlocks()
        expect(blocks.parse(payload)).toBe(true)
        expect([...payload.subarray(blocks.mainStart)]).toEqual([...main])
        redundant.forEach(({ timeCode, bytes }, i) => {
          expect(blocks.timeCodes[i]).toBe(timeCode)
          expect([...payload.subarray(blocks.starts[i], blocks.ends[i])]).toEqual([...bytes])
        })
        expect(blocks.find(redundant[0]?.timeCode ?? 1)).toBe(redundant.length > 0 ? 0 : -1)
      }),
    )
  })

  test.each([
    ['empty', []],
    ['a main header and nothing else', [0]],
    ['a redundant header and nothing else', [0x81, 1]],
    ['a block that leaves nothing for the main block', [0x81, 2, 0, 1, 2]],
    ['more blocks than anyone sends', [...Array.from({ length: 9 }, () => [0x81, 0]).flat(), 0, 0x50]],
  ])('%s: refused', (_, payload) => {
    expect(new SplitRedBlocks().parse(Uint8Array.from(payload))).toBe(false)
  })

  test('any bytes: refused, or blocks inside the payload', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
        const blocks = new SplitRedBlocks()
        if (!blocks.parse(payload)) return
        expect(blocks.mainStart).toBeLessThan(payload.length)
        for (let i = 0; i < blocks.redundantCount; i++) expect(blocks.ends[i]).toBeLessThanOrEqual(blocks.mainStart)
      }),
    )
  })
})
