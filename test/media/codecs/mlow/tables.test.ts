import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const folder = resolve(import.meta.dirname, '../../../../src/media/codecs/mlow/tables')
/** Not tables: the reader of long ones, and compiled code. */
const OTHERS = ['base64.ts', 'kernels-binary.ts', 'rendering-binary.ts']
const families = readdirSync(folder).filter((name) => !OTHERS.includes(name))

/** Every table carries the checksum of its little-endian bytes in its comment. */
const DECLARATION = /@sha256 ([0-9a-f]{64})\n \*\/\nexport const (\w+)/g

describe.each(families)('tables/%s', async (family) => {
  const tables: Record<string, Uint8Array> = await import(join(folder, family))
  const stated = new Map(
    [...readFileSync(join(folder, family), 'utf8').matchAll(DECLARATION)].map(([, sum, name]) => [name, sum]),
  )

  test('every table states a checksum', () => {
    expect(Object.keys(tables).sort()).toEqual([...stated.keys()].sort())
    expect(stated.size).toBeGreaterThan(0)
  })

  test.each(Object.keys(tables))('%s', (name) => {
    const { buffer, byteOffset, byteLength } = tables[name]
    const bytes = new Uint8Array(buffer, byteOffset, byteLength)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(stated.get(name))
  })
})
