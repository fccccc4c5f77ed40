import { describe, expect, test } from 'vitest'
import { frameDurationMs, frameKind, isLowRate } from '../../src/media/codecs/mlow/toc.ts'
import { findVectorFiles, readVectorJson } from './vector-files.ts'

interface TocVector {
  b: number
  std: boolean
  sid: boolean
  vad: boolean
  sr: number
  ms: number
  active: boolean
  f2: boolean
  f0: boolean
}

describe.each(findVectorFiles(/toc_vectors\.json$/))('%s', (file) => {
  const vectors = readVectorJson<TocVector[]>(file)

  test.each(vectors)('byte $b', (toc) => {
    expect(Math.round(frameDurationMs(toc.b))).toBe(toc.ms)
    expect(isLowRate(toc.b) && !toc.std).toBe(toc.f2)
    const kind = frameKind(toc.b)
    expect(kind === 'opus').toBe(toc.std)
    if (kind === 'active' || kind === 'hangover' || kind === 'inactive') {
      expect(toc).toMatchObject({ sid: false, sr: 16000, ms: 60, active: kind !== 'inactive', f0: false })
      expect(toc.vad).toBe(kind === 'active')
    }
    if (kind === 'comfort-noise') expect(toc).toMatchObject({ sid: true, ms: 60, active: false, f0: false })
  })
})
