import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MlowDecoder } from '../../../../src/media/codecs/mlow/decoder.ts'
import { ReadableRenderer } from '../../../../src/media/codecs/mlow/readable-renderer.ts'

const FIRST_BYTES = [0x50, 0x12, 0x10, 0x90, 0x00, 0x54, 0x14, 0x16]

const packet = fc
  .tuple(fc.constantFrom(...FIRST_BYTES), fc.uint8Array({ minLength: 20, maxLength: 200 }))
  .map(([toc, body]) => Uint8Array.of(toc, ...body))

/** A loss of so many samples; `before` what follows, when that is there. */
interface Loss {
  readonly samples: number
  readonly before?: Uint8Array
}

const loss = fc.record({ samples: fc.integer({ min: 1, max: 2500 }) })
/** Of whole frames, as players ask for them. */
const lossBefore = fc.record({ samples: fc.constantFrom(320, 640, 960), before: packet })
const event = fc.oneof({ weight: 3, arbitrary: packet }, loss, lossBefore)

function render(decoder: MlowDecoder, what: Uint8Array | Loss, pcm: Float32Array): number {
  if (what instanceof Uint8Array) return decoder.decode(what, pcm)
  if (what.before) return decoder.concealBefore(what.before, what.samples, pcm)
  return decoder.conceal(what.samples, pcm)
}

/** Random bodies ask for resonances and levels that no speech has: a difference in any last bit would grow to be heard. */
test('the core and the readable form render any packets and losses the same, to the last bit', () => {
  const a = new Float32Array(new MlowDecoder().maxSamples)
  const b = new Float32Array(a.length)
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 15 }), (events) => {
      const core = new MlowDecoder()
      const readable = new MlowDecoder(new ReadableRenderer())
      for (const what of events) {
        const samples = render(core, what, a)
        expect(render(readable, what, b)).toBe(samples)
        expect(a.subarray(0, samples).findIndex((sample, n) => sample !== b[n])).toBe(-1)
        expect(core.renderer.seed).toBe(readable.renderer.seed)
        expect(core.renderer.noiseLevel).toBe(readable.renderer.noiseLevel)
      }
    }),
    { numRuns: 400 },
  )
}, 60_000)

test('decoders that take turns do not hear each other', () => {
  const packets = fc.sample(packet, { numRuns: 30, seed: 3 })
  const alone = new MlowDecoder()
  const one = new MlowDecoder()
  const other = new MlowDecoder()
  const expected = new Float32Array(alone.maxSamples)
  const actual = new Float32Array(alone.maxSamples)
  packets.forEach((bytes, i) => {
    alone.decode(bytes, expected)
    one.decode(bytes, actual)
    expect(actual).toEqual(expected)
    other.decode(packets[packets.length - 1 - i]!, actual)
    if (i % 5 === 0) other.conceal(960, actual)
    if (i % 7 === 0) other.reset()
    actual.set(expected)
  })
})
