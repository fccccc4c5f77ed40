import { describe, expect, it } from 'vitest'
import { FrameSymbols } from '../../src/media/codecs/mlow/frame-symbols.ts'
import { lpcToLsf } from '../../src/media/codecs/mlow/lpc-to-lsf.ts'
import { LsfQuantizer } from '../../src/media/codecs/mlow/lsf-quantizer.ts'
import { findVectorFiles, readVectorJson } from './vector-files.ts'

interface QuantiserRecord {
  pkt: number
  numframe: number
  voiced: number
  surv: number
  RDw_adj: number
  cond_coding: number
  A: number[]
  lsf: number[]
  prev_lsf: number[]
  qi: number[]
  qlsf: number[]
}

describe.each(findVectorFiles(/lsf_quant_io\.json(\.gz)?$/))('%s', (path) => {
  const records = readVectorJson<QuantiserRecord[]>(path)

  it('LPC to LSF within 1e-5', () => {
    const lsf = new Float64Array(16)
    let worst = 0
    for (const record of records) {
      lpcToLsf(Float64Array.from(record.A), lsf)
      worst = Math.max(worst, ...record.lsf.map((value, k) => Math.abs(value - lsf[k])))
    }
    expect(worst).toBeLessThanOrEqual(1e-5)
  })

  it('symbols exact, vector within 1e-5', () => {
    const frame = new FrameSymbols()
    const quantised = new Float32Array(16)
    let worst = 0
    for (const record of records) {
      const quantizer = new LsfQuantizer(14000 * record.RDw_adj ** 2, record.surv)
      frame.voiced = record.voiced
      quantizer.quantise(
        Float64Array.from(record.A),
        Float64Array.from(record.lsf),
        record.cond_coding === 1,
        Float32Array.from(record.prev_lsf),
        frame,
        quantised,
      )
      expect([frame.centroid, ...frame.stage2], `packet ${record.pkt} frame ${record.numframe}`).toEqual(record.qi)
      worst = Math.max(worst, ...record.qlsf.map((value, k) => Math.abs(value - quantised[k])))
    }
    expect(worst).toBeLessThanOrEqual(1e-5)
  })
})
