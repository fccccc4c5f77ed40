import { Fft } from '../../media/measure/fft.ts'

const SIZE = 512
const RANGE_DB = 80
/** From silence to the loudest: red, green, blue. */
const COLORS = [
  [0, 0, 4],
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 164],
] as const

const window = Float64Array.from({ length: SIZE }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SIZE))

/**
 * Power spectrum of `pcm` over time as `width` x `height` pixels (red, green, blue, alpha): half the sampling rate at the
 * top, 80 dB below the loudest black.
 */
export function spectrogram(pcm: Float32Array, width: number, height: number, pixels: Uint8ClampedArray): void {
  const columns = powers(pcm, width)
  const loudest = columns.reduce((most, column) => column.reduce((m, x) => Math.max(m, x), most), 1e-12)
  columns.forEach((column, x) => {
    for (let y = 0; y < height; y++) {
      const bin = ((height - 1 - y) / (height - 1)) * (SIZE / 2)
      const below = Math.floor(bin)
      const power = column[below]! + (bin - below) * ((column[below + 1] ?? 0) - column[below]!)
      paint(pixels, 4 * (y * width + x), 1 + (10 * Math.log10(power / loudest + 1e-12)) / RANGE_DB)
    }
  })
}

function powers(pcm: Float32Array, width: number): Float64Array[] {
  const fft = new Fft(SIZE)
  const real = new Float64Array(SIZE)
  const imaginary = new Float64Array(SIZE)
  return Array.from({ length: width }, (_, x) => {
    const first = Math.round(((x + 0.5) / width) * pcm.length) - SIZE / 2
    for (let n = 0; n < SIZE; n++) real[n] = window[n]! * (pcm[first + n] ?? 0)
    imaginary.fill(0)
    fft.forward(real, imaginary)
    return Float64Array.from({ length: SIZE / 2 + 1 }, (_, k) => real[k]! ** 2 + imaginary[k]! ** 2)
  })
}

/** `level`: 0 silence, 1 loudest. */
function paint(pixels: Uint8ClampedArray, at: number, level: number): void {
  const position = Math.min(Math.max(level, 0), 1) * (COLORS.length - 1)
  const i = Math.min(Math.floor(position), COLORS.length - 2)
  for (let c = 0; c < 3; c++) {
    const low = COLORS[i]![c]!
    pixels[at + c] = low + (position - i) * (COLORS[i + 1]![c]! - low)
  }
  pixels[at + 3] = 255
}
