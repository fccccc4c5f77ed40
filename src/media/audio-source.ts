/**
 * Audio as it flows through the gateway: 16 kHz mono float. Whoever sends owns the clock and pulls, so silence, mute and
 * loss never stop it. `pull` allocates nothing.
 */
export interface AudioSource {
  /**
   * Fills `out` completely: played-out speech, concealment, or silence. `lateMs`: it was wanted that long ago, and this
   * process only gets to it now.
   */
  pull(out: Float32Array, lateMs?: number): void
}

/** The rate of everything between the two legs. */
export const BRIDGE_RATE_HZ = 16_000

export const silence: AudioSource = { pull: (out) => void out.fill(0) }
