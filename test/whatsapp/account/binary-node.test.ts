import type { BinaryNode } from 'baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBinaryNode, toBinaryNode } from '../../../src/whatsapp/account/binary-node.ts'

const leaf: BinaryNode = { tag: 'te', attrs: { latency: '1' }, content: new Uint8Array([1, 2]) }
const nested = (levels: number): BinaryNode =>
  levels === 0 ? leaf : { tag: 'level', attrs: {}, content: [nested(levels - 1)] }

const attrs = fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), fc.string({ maxLength: 40 }), { maxKeys: 6 })
const tag = fc.stringMatching(/^[a-z_0-9]{1,12}$/)
const { node } = fc.letrec<{ node: BinaryNode }>((tie) => ({
  node: fc.record({
    tag,
    attrs,
    content: fc.oneof(
      { maxDepth: 3 },
      fc.uint8Array({ maxLength: 64 }),
      fc.string({ maxLength: 40 }),
      fc.array(tie('node') as fc.Arbitrary<BinaryNode>, { maxLength: 4 }),
    ),
  }),
}))

describe('nodes of the library', () => {
  it('come through and back unchanged', () => {
    fc.assert(
      fc.property(node, (original) => {
        expect(toBinaryNode(fromBinaryNode(original))).toEqual(original)
      }),
    )
  })

  it.each<[string, BinaryNode]>([
    ['too deep', nested(12)],
    ['too many children', { tag: 'call', attrs: { id: '1' }, content: Array.from({ length: 1024 }, () => leaf) }],
    ['too many bytes', { tag: 'call', attrs: { id: '1' }, content: new Uint8Array(65_537) }],
    [
      'too many bytes in all',
      { tag: 'call', attrs: { id: '1' }, content: [0, 1, 2].map(() => ({ ...leaf, content: new Uint8Array(30_000) })) },
    ],
    ['a long attribute', { tag: 'call', attrs: { id: '1', x: 'x'.repeat(5000) }, content: [leaf] }],
    [
      'a long attribute below',
      { tag: 'call', attrs: { id: '1' }, content: [{ tag: 'a', attrs: { x: 'x'.repeat(5000) } }] },
    ],
    [
      'many attributes',
      {
        tag: 'call',
        attrs: Object.fromEntries([['id', '1'], ...Array.from({ length: 100 }, (_, i) => [`a${i}`, ''])]),
      },
    ],
  ])('lose their content beyond the bounds, and can still be acknowledged: %s', (_, oversized) => {
    const { tag, attrs, content } = fromBinaryNode(oversized)
    expect(tag).toBe(oversized.tag)
    expect(attrs.id).toBe(oversized.attrs.id)
    expect(content).toBeUndefined()
    expect(Object.keys(attrs).length).toBeLessThanOrEqual(64)
  })

  it('accept what is just within the bounds', () => {
    expect(fromBinaryNode(nested(11))).toEqual(nested(11))
    const wide: BinaryNode = {
      tag: 'call',
      attrs: {},
      content: Array.from({ length: 1023 }, () => ({ tag: 'a', attrs: {} })),
    }
    expect(fromBinaryNode(wide)).toEqual(wide)
  })
})
