import { Fft } from '../../src/media/measure/fft.ts'

const SIZE = 512
const HOP = 160
const BANDS = 40
const RATE_HZ = 16000
/** Power per band below which a frame counts as silent, relative to full scale. */
const FLOOR = 1e-9

const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700)
const hz = (m: number) => 700 * (10 ** (m / 2595) - 1)
const EDGES = Array.from({ length: BANDS + 2 }, (_, i) => (hz((mel(RATE_HZ / 2) * i) / (BANDS + 1)) * SIZE) / RATE_HZ)
const WINDOW = Float64Array.from({ length: SIZE }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SIZE))

/** Band levels in dB of the frame at `from`. */
function bandsDb(pcm: Float32Array, from: number, fft: Fft): Float64Array {
  const re = WINDOW.map((w, n) => w * pcm[from + n])
  const im = new Float64Array(SIZE)
  fft.forward(re, im)
  return Float64Array.from({ length: BANDS }, (_, b) => {
    const [low, centre, high] = EDGES.slice(b, b + 3)
    let power = 0
    for (let k = Math.ceil(low); k < high; k++) {
      const weight = k < centre ? (k - low) / (centre - low) : (high - k) / (high - centre)
      power += weight * (re[k] ** 2 + im[k] ** 2)
    }
    return 10 * Math.log10(power / SIZE ** 2 + FLOOR)
  })
}

/** Root mean square difference of mel band levels in dB, averaged over the frames of two aligned 16 kHz signals. */
export function melDistanceDb(reference: Float32Array, degraded: Float32Array): number {
  const fft = new Fft(SIZE)
  let sum = 0
  let frames = 0
  for (let at = 0; at + SIZE <= Math.min(reference.length, degraded.length); at += HOP, frames++) {
    const a = bandsDb(reference, at, fft)
    const b = bandsDb(degraded, at, fft)
    sum += Math.sqrt(a.reduce((total, level, i) => total + (level - b[i]) ** 2, 0) / BANDS)
  }
  return sum / frames
}
