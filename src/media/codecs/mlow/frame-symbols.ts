import { LSF_ORDER } from './lsf-tables.ts'

/** Internal frames of 20 ms in a packet. */
export const FRAMES_PER_PACKET = 3
/** Samples of an internal frame at 16 kHz. */
export const FRAME_SAMPLES = 320
export const PACKET_SAMPLES = FRAMES_PER_PACKET * FRAME_SAMPLES
/** Subframes of an internal frame, the low rate has half as many. */
export const MAX_SUBFRAMES = 4
/** Each lag holds for 40 samples. */
export const LAGS_PER_FRAME = 8
/** Most pulses of an internal frame, hence most positions. */
const MAX_PULSES = 160

/** The coded symbols of one internal frame, and what follows from them without any earlier packet. */
export class FrameSymbols {
  /** 1 voiced, 0 unvoiced. */
  voiced = 0
  /** 0..15, or 16 for the conditional centroid. */
  centroid = 0
  /** Second-stage symbols, counted from the lowest level. */
  readonly stage2 = new Uint8Array(LSF_ORDER)
  /** Row of the interpolation weights. */
  interpolation = 0

  readonly subframePulses = new Uint8Array(MAX_SUBFRAMES)
  /** Distinct pulse positions in rising order, `positionCount` of them. */
  readonly positions = new Int16Array(MAX_PULSES + 1)
  readonly magnitudes = new Uint8Array(MAX_PULSES + 1)
  /** 1 or -1 per position. */
  readonly signs = new Int8Array(MAX_PULSES + 1)
  positionCount = 0

  /** Voiced: index of the adaptive-codebook gain pair per subframe. */
  readonly acbGain = new Uint8Array(MAX_SUBFRAMES)
  /** Pulse gain index per subframe; 0 where there is no pulse. */
  readonly pulseGain = new Uint8Array(MAX_SUBFRAMES)
  /** Voiced: lag contour. */
  contour = 0
  /** Voiced: lag - 32 in half samples per 40-sample block. */
  readonly lagIndex = new Int16Array(LAGS_PER_FRAME)

  /** Unvoiced: mean and shape of the residual energy. */
  energyMean = 0
  energyShape = 0
  /** Unvoiced: residual energy in dB, Q14, per subframe, from the two symbols above. */
  readonly energyQ14 = new Int32Array(MAX_SUBFRAMES)

  get pulseCount(): number {
    const pulses = this.subframePulses
    return pulses[0] + pulses[1] + pulses[2] + pulses[3]
  }
}
