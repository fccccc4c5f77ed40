import { describe, expect, it } from 'vitest'
import { MOST_TRACKS, OpenLoopPitch } from '../../src/media/codecs/mlow/open-loop-pitch.ts'
import { VoicingMeasure } from '../../src/media/codecs/mlow/voicing.ts'
import { findVectorFiles, readVectorJson } from './vector-files.ts'

interface PitchRecord {
  frame: number
  cav: number
  pitchcorr: number
  avg_lag: number
  harm: number
  prev_lagblk: number
  prev_lagidx: number
  lags: number[]
  laginds: number[]
  ltp_buf: number[]
  F2: number[]
}

describe('open-loop pitch', () => {
  it.each(findVectorFiles(/pitchio_ground_truth\.json(\.gz)?$/))('%s: lag indices exact, correlation 1e-3', (path) => {
    const pitch = new OpenLoopPitch(MOST_TRACKS)
    const voicing = new VoicingMeasure()
    let worstCorrelation = 0
    let worstHarmonicity = 0
    for (const record of readVectorJson<PitchRecord[]>(path)) {
      if (record.cav === 0) {
        pitch.skip()
        continue
      }
      voicing.setSpectrum(Float64Array.from(record.F2))
      pitch.setPredictor(record.prev_lagblk, record.prev_lagidx)
      pitch.search(Float64Array.from(record.ltp_buf), voicing)
      expect([...pitch.lags], `frame ${record.frame}`).toEqual(record.lags)
      expect(pitch.averageLag).toBe(record.avg_lag)
      worstCorrelation = Math.max(worstCorrelation, Math.abs(pitch.correlation - record.pitchcorr))
      worstHarmonicity = Math.max(worstHarmonicity, Math.abs(pitch.harmonicity - record.harm))
    }
    expect(worstCorrelation).toBeLessThanOrEqual(1e-3)
    expect(worstHarmonicity).toBeLessThanOrEqual(1e-3)
  })
})

interface VoicingRecord {
  frame: number
  pitchcorr: number
  avg_lag: number
  harm: number
  sp_act_prob: number
  vstr: number
  voiced: number
  lags: number[]
  F2: number[]
}

describe('voicing', () => {
  it.each(findVectorFiles(/sigmode_ground_truth\.json(\.gz)?$/))('%s: strength within 1e-4', (path) => {
    const voicing = new VoicingMeasure()
    let worst = 0
    for (const record of readVectorJson<VoicingRecord[]>(path)) {
      voicing.setSpectrum(Float64Array.from(record.F2))
      const pitch = {
        correlation: record.pitchcorr,
        averageLag: record.avg_lag,
        harmonicity: record.harm,
        lags: record.lags,
      }
      voicing.measure(pitch, Float64Array.of(record.sp_act_prob), 0)
      worst = Math.max(worst, Math.abs(voicing.strength - record.vstr))
      expect(voicing.strength > 0 ? 1 : 0, `frame ${record.frame}`).toBe(record.voiced)
    }
    expect(worst).toBeLessThanOrEqual(1e-4)
  })
})
