import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as gains from '../../src/media/codecs/mlow/gain-tables.ts'
import * as lsf from '../../src/media/codecs/mlow/lsf-tables.ts'
import * as contours from '../../src/media/codecs/mlow/pitch-contours.ts'
import * as pitch from '../../src/media/codecs/mlow/pitch-tables.ts'
import * as pulses from '../../src/media/codecs/mlow/pulse-tables.ts'
import { readVectorJson, tablesDir } from './vector-files.ts'

interface Check {
  name: string
  sha256: string
}

const [background, unvoiced, voiced] = gains.pulseCountCdf[1]
const computed: Record<string, unknown> = {
  ...gains,
  ...lsf,
  ...pitch,
  pulseCountCdfBackground: background,
  pulseCountCdfUnvoiced: unvoiced,
  pulseCountCdfVoiced: voiced,
  pulseSplitCdf: pulses.splitCdf,
  pulseRunLengthCdf: pulses.runLengthCdf,
  pitchContourSegmentCount: contours.contourSegments,
  pitchContourBlocks: contours.contourBlocks,
  pitchContourLengths: contours.contourLengths,
}

const checks = [
  ...readVectorJson<Check[]>(join(tablesDir, 'expansion-checks.json')),
  ...readVectorJson<Check[]>(join(tablesDir, 'pitch.json')),
].filter(({ name }) => name in computed)

describe('tables computed at start', () => {
  test('most of them have a published checksum', () => {
    expect(checks.length).toBeGreaterThanOrEqual(28)
  })

  test.each(checks)('$name', ({ name, sha256 }) => {
    const table = computed[name] as Uint16Array
    const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
  })
})
