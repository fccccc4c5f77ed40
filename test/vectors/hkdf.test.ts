import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { fromHex, jsonVectors, toHex } from './json-vectors.ts'

interface HkdfVector {
  readonly name: string
  readonly ikm: string
  readonly salt: string
  readonly info: string
  readonly l: number
  readonly okm: string
}

const files = jsonVectors<HkdfVector[]>('HKDF-SHA256', (file) => Array.isArray(file) && file[0]?.okm !== undefined)

describe.each(files)('$path', ({ content }) => {
  it.each(content)('$name', ({ ikm, salt, info, l, okm }) => {
    expect(toHex(hkdf(sha256, fromHex(ikm), fromHex(salt), fromHex(info), l))).toBe(okm)
  })
})
