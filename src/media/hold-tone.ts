import { type AudioSource, BRIDGE_RATE_HZ } from './audio-source.ts'

/** Two soft beeps every ten seconds: the call is there, and nobody need listen to it (cf. ITU-T E.182, hold tone). */
const FREQUENCY_HZ = 425
const AMPLITUDE = 0.08
const PERIOD_MS = 10_000
const BEEPS_MS = [
  [0, 200],
  [400, 600],
] as const
/** So that a beep begins and ends without a click. */
const RAMP_MS = 10
const MS = BRIDGE_RATE_HZ / 1000

/** What a held party hears when the other side sends nothing. Begins anew with every instance. */
export class HoldTone implements AudioSource {
  #sample = 0

  pull(out: Float32Array): void {
    for (let i = 0; i < out.length; i++) {
      const level = levelAt(this.#sample / MS)
      out[i] = level === 0 ? 0 : level * Math.sin((2 * Math.PI * FREQUENCY_HZ * this.#sample) / BRIDGE_RATE_HZ)
      this.#sample = (this.#sample + 1) % (PERIOD_MS * MS)
    }
  }
}

function levelAt(ms: number): number {
  for (const [startMs, endMs] of BEEPS_MS) {
    if (ms < startMs || ms >= endMs) continue
    return AMPLITUDE * Math.min(1, (ms - startMs) / RAMP_MS, (endMs - ms) / RAMP_MS)
  }
  return 0
}
