import { describe, expect, test } from 'vitest'
import { RangeDecoder } from '../../src/media/codecs/mlow/range-decoder.ts'
import { findVectorFiles, readVectorJson } from './vector-files.ts'

interface Operation {
  kind: number
  a: number
  b: number
}

interface RangeCoderVectors {
  bytesHex: string
  icdf: string
  ops: Operation[]
  cdfBytesHex: string
  cdfTables: number[][]
  cdfOps: Operation[]
}

const files = findVectorFiles(/rc_vectors\.json$/)

/** Bits that Opus stores from the end of the buffer, lowest first; MLow never reads any. */
function tailReader(bytes: Uint8Array): (count: number) => number {
  let at = 0
  return (count) => {
    let value = 0
    for (let i = 0; i < count; i++, at++) {
      value += (((bytes[bytes.length - 1 - (at >> 3)] ?? 0) >> (at & 7)) & 1) * 2 ** i
    }
    return value
  }
}

/** Uniform integers below `total` (RFC 6716, section 4.1.5): the high part range coded, the low part raw. */
function uniform(decoder: RangeDecoder, raw: (count: number) => number, total: number): number {
  const rawBits = Math.max(32 - Math.clz32(total - 1) - 8, 0)
  const symbols = ((total - 1) >> rawBits) + 1
  const high = decoder.symbol(
    Uint16Array.from({ length: symbols + 1 }, (_, i) => i),
    0,
    symbols + 1,
  )
  return Math.min(high * 2 ** rawBits + raw(rawBits), total - 1)
}

describe.each(files)('%s', (file) => {
  const vectors = readVectorJson<RangeCoderVectors>(file)

  test('cumulative tables', () => {
    const decoder = new RangeDecoder()
    const bytes = Buffer.from(vectors.cdfBytesHex, 'hex')
    decoder.start(bytes, 0, bytes.length)
    for (const { kind, a } of vectors.cdfOps) {
      const table = Uint16Array.from(vectors.cdfTables[kind])
      expect(decoder.symbol(table, 0, table.length)).toBe(a)
    }
    expect(vectors.cdfOps.length).toBeGreaterThan(0)
  })

  test('all forms of Opus, built on the same symbol decoder', () => {
    const bytes = Buffer.from(vectors.bytesHex, 'hex')
    const falling = [256, ...Buffer.from(vectors.icdf, 'base64')]
    const inverse = Uint16Array.from(falling, (entry) => 256 - entry)
    const raw = tailReader(bytes)
    const decoder = new RangeDecoder()
    decoder.start(bytes, 0, bytes.length)
    for (const { kind, a, b } of vectors.ops) {
      if (kind === 0) expect(decoder.symbol(inverse, 0, inverse.length)).toBe(a)
      else if (kind === 1) expect(raw(a)).toBe(b)
      else if (kind === 2) expect(decoder.symbol(Uint16Array.of(0, 2 ** a - 1, 2 ** a), 0, 3)).toBe(b)
      else expect(uniform(decoder, raw, a)).toBe(b)
    }
    expect(vectors.ops.length).toBeGreaterThan(0)
  })
})
