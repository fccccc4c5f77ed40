import { expect, it } from 'vitest'
import { WaveformContinuation } from '../../../src/media/codecs/concealment/waveform-continuation.ts'

const RATE_HZ = 8000
const FRAME = 160
const tone = (hz: number, frame: number) =>
  Float32Array.from({ length: FRAME }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * (frame * FRAME + n)) / RATE_HZ))

const rms = (pcm: Float32Array) => Math.sqrt(pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length)

/** Ten good frames, `lost` lost ones, a good one; all of it. */
function run(hz: number, lost: number): Float32Array {
  const continuation = new WaveformContinuation(RATE_HZ)
  const all = new Float32Array((11 + lost) * FRAME)
  for (let frame = 0; frame < 11 + lost; frame++) {
    const piece = tone(hz, frame)
    if (frame >= 10 && frame < 10 + lost) continuation.conceal(FRAME, piece)
    else continuation.heard(piece, FRAME)
    all.set(piece, frame * FRAME)
  }
  return all
}

it.each([80, 100, 125, 160, 190])('goes on with a voice of %i Hz as if nothing were lost, at first', (hz) => {
  const heard = run(hz, 1)
  const concealed = heard.subarray(10 * FRAME, 10 * FRAME + 80)
  const missing = tone(hz, 10).subarray(0, 80)
  expect(rms(concealed.map((x, i) => x - missing[i]))).toBeLessThan(0.1 * rms(missing))
})

it('has no click where loss begins and ends', () => {
  const heard = run(150, 2)
  const steepest = (2 * Math.PI * 150 * 0.5) / RATE_HZ
  for (let n = 1; n < heard.length; n++) expect(Math.abs(heard[n] - heard[n - 1])).toBeLessThan(2 * steepest)
})

it('fades to silence within 60 ms', () => {
  const heard = run(150, 4)
  const frame = (i: number) => rms(heard.subarray((10 + i) * FRAME, (11 + i) * FRAME))
  expect(frame(0)).toBeGreaterThan(frame(1))
  expect(frame(1)).toBeGreaterThan(frame(2))
  expect(frame(3)).toBe(0)
})

it('knows nothing after a reset', () => {
  const continuation = new WaveformContinuation(RATE_HZ)
  continuation.heard(tone(150, 0), FRAME)
  continuation.reset()
  const out = new Float32Array(FRAME).fill(1)
  continuation.conceal(FRAME, out)
  expect(rms(out)).toBe(0)
})
