import { describe, expect, it } from 'vitest'
import { LpcAnalysis } from '../../src/media/codecs/mlow/lpc-analysis.ts'
import { VoiceActivityDetector } from '../../src/media/codecs/mlow/voice-activity.ts'
import { findVectorFiles, readVectorJson, readVectorPcm16 } from './vector-files.ts'

interface ActivityRecord {
  pkt: number
  frame: number
  cav: number
  spact: number
}

/** The clip that the activity dumps of this folder were made from; the other repository's clip is not published. */
const ACTIVITY_CLIP = /(^|\/)in_synthmic\.s16$/
const ACTIVITY_DUMP = /whatsapp-rust\/vad_ground_truth\.json(\.gz)?$/

describe('voice activity', () => {
  it.each(findVectorFiles(ACTIVITY_DUMP))('%s: measure within 1e-4, packet flag exact', (path) => {
    const records = readVectorJson<ActivityRecord[]>(path)
    const pcm = readVectorPcm16(findVectorFiles(ACTIVITY_CLIP)[0])
    const detector = new VoiceActivityDetector()
    let worst = 0
    const flags: number[] = []
    for (let at = 0; at < records.length; at += 3) {
      let coded = false
      for (let frame = 0; frame < 3; frame++) {
        detector.process(pcm, 320 * (at + frame))
        worst = Math.max(worst, Math.abs(detector.activity - records[at + frame].spact))
        coded ||= detector.active || detector.hangover
      }
      for (let frame = 0; frame < 3; frame++) flags.push(coded ? 1 : 0)
    }
    expect(worst).toBeLessThanOrEqual(1e-4)
    expect(flags).toEqual(records.map((record) => record.cav))
  })
})

interface FrontEndRecord {
  pkt: number
  numframe: number
  lpcbuf: number[]
  windowed: number[]
  R: number[]
  A: number[]
}

/** Energy below which the analysed samples are rounding noise and single precision decides the outcome. */
const ROUNDING_NOISE_ENERGY = 1e-9

describe('LPC analysis', () => {
  it.each(findVectorFiles(/fe_dump\.json(\.gz)?$/))('%s: A within 5e-3 above rounding noise', (path) => {
    const analysis = new LpcAnalysis()
    let compared = 0
    for (const record of readVectorJson<FrontEndRecord[]>(path)) {
      analysis.analyse(Float64Array.from(record.lpcbuf), 0, record.numframe === 2)
      const worst = Math.max(...record.A.map((value, i) => Math.abs(value - analysis.a[i])))
      const noise = record.R[0] > 0 && record.R[0] < ROUNDING_NOISE_ENERGY
      if (noise) {
        console.log(path, record.pkt, record.numframe, record.R[0], worst)
        continue
      }
      compared += 1
      expect(worst, `packet ${record.pkt} frame ${record.numframe}`).toBeLessThanOrEqual(5e-3)
    }
    expect(compared).toBeGreaterThan(0)
  })
})
