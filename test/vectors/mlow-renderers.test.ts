import { describe, test } from 'vitest'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { ReadableRenderer } from '../../src/media/codecs/mlow/readable-renderer.ts'
import { SplitRedDecoder } from '../../src/media/codecs/mlow/split-red-decoder.ts'
import { ConformanceReport } from './report.ts'
import { findVectorFiles, readVectorPackets } from './vector-files.ts'

const report = new ConformanceReport('MLow renderers')

/** The sound of both, packet after packet; every lost one concealed. */
function worstDifference(path: string): number {
  const forms = [new MlowDecoder(), new MlowDecoder(new ReadableRenderer())]
  const [core, readable] = /\/x_red\d/.test(path) ? forms.map((form) => new SplitRedDecoder(form)) : forms
  const a = new Float32Array(core.maxSamples)
  const b = new Float32Array(core.maxSamples)
  let worst = 0
  for (const packet of readVectorPackets(path)) {
    const samples = core.decode(packet, a) || core.conceal(960, a)
    if ((readable.decode(packet, b) || readable.conceal(960, b)) !== samples) return Number.POSITIVE_INFINITY
    for (let n = 0; n < samples; n++) worst = Math.max(worst, Math.abs(a[n]! - b[n]!))
  }
  return worst
}

describe('the core and the readable form render the same', () => {
  test.each(findVectorFiles(/mlow\/[^/]*\.mlow$/))('%s', (path) => {
    report.atMost(path, 'largest difference of a sample', worstDifference(path), 0)
  })
})
