const FRAME_SECONDS = 0.02
/** Frames this far below the loudest are pauses. */
const PAUSE_DB = 45
const LOWEST_DB = -10
const HIGHEST_DB = 35

/**
 * Segmental signal-to-noise ratio in dB: mean over 20 ms frames of 10 log10 of reference energy over error energy, each
 * frame limited to -10 .. 35 dB; frames more than 45 dB below the loudest frame of the reference do not count. Both
 * signals are mono PCM at `sampleRateHz`, aligned in time; the longer one is cut. 35 for a silent reference.
 */
export function segmentalSnr(reference: Float32Array, degraded: Float32Array, sampleRateHz: number): number {
  const length = Math.min(reference.length, degraded.length)
  const frame = Math.round(FRAME_SECONDS * sampleRateHz)
  const energies: number[] = []
  const errors: number[] = []
  for (let start = 0; start + frame <= length; start += frame) {
    let energy = 0
    let error = 0
    for (let n = start; n < start + frame; n++) {
      const wanted = reference[n]!
      const difference = wanted - degraded[n]!
      energy += wanted * wanted
      error += difference * difference
    }
    energies.push(energy)
    errors.push(error)
  }
  const threshold = energies.reduce((most, energy) => Math.max(most, energy), 0) * 10 ** (-PAUSE_DB / 10)
  let total = 0
  let frames = 0
  for (const [i, energy] of energies.entries()) {
    if (!(energy > threshold)) continue
    const ratio = 10 * Math.log10(energy / Math.max(errors[i]!, Number.MIN_VALUE))
    total += Math.min(Math.max(ratio, LOWEST_DB), HIGHEST_DB)
    frames += 1
  }
  return frames === 0 ? HIGHEST_DB : total / frames
}
