import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { MlowDecoder } from '../../../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder, type MlowEncoderOptions } from '../../../../src/media/codecs/mlow/encoder.ts'
import { kernelFloats } from '../../../../src/media/codecs/mlow/kernels.ts'
import { SplitRedDecoder } from '../../../../src/media/codecs/mlow/split-red-decoder.ts'

const CODECS = 1000
/** What one encoder and decoder may leave: less than the object of one typed array, the smallest thing they are made of. */
const LEFT_BYTES = 100

const SETTINGS: readonly MlowEncoderOptions[] = [6000, 13_000, 20_000, 30_000].flatMap((bitRate) =>
  [true, false].flatMap((dtx) =>
    ([0, 1] as const).flatMap((redundancyLevel) =>
      [0, 10].map((complexity) => ({ bitRate, dtx, redundancyLevel, complexity })),
    ),
  ),
)

it('any number of encoders and decoders can be made, used and let go, one after the other', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const pcm = Float32Array.from({ length: 960 }, (_, n) => 0.2 * Math.sin(0.05 * n) + 0.1 * Math.sin(0.31 * n))
  const heard = new Float32Array(new MlowDecoder().maxSamples)
  const makeAndUse = (i: number) => {
    const options = SETTINGS[i % SETTINGS.length]
    const encoder = new MlowEncoder(options)
    const payload = new Uint8Array(encoder.maxPayloadBytes)
    const bytes = encoder.encode(pcm, payload)
    const bare = new MlowDecoder()
    const decoder = options.redundancyLevel === 1 ? new SplitRedDecoder(bare) : bare
    return decoder.decode(payload.subarray(0, bytes), heard)
  }
  const run = () => {
    let samples = 0
    for (let i = 0; i < CODECS; i++) samples += makeAndUse(i)
    expect(samples).toBe(960 * CODECS)
    collect()
    return process.memoryUsage().heapUsed
  }
  // In the first run the engine compiles what it runs.
  const before = run()
  expect((run() - before) / CODECS).toBeLessThan(LEFT_BYTES)
}, 60_000)

it('refuses a buffer in the kernels to whoever asks after loading', () => {
  expect(() => kernelFloats(1)).toThrow(/while modules load/)
})
