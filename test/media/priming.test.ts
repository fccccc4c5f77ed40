import { expect, it } from 'vitest'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { MlowOrOpusDecoder } from '../../src/media/codecs/mlow-or-opus.ts'
import { OpusDecoder } from '../../src/media/codecs/opus/opus.ts'
import { stoi } from '../../src/media/measure/stoi.ts'
import { speech } from '../../src/sim/speech.ts'

/** What clients begin a call with, as public implementations list it from captures (docs/protocol/rtp.md). */
const ANDROID = '1236262b4ac82b09c91f34c2d67a01731b2e'
const WEB = '3236262b4acb1b5fba91687eb8509358e6d0a3a9d71d818c'
const SECOND = '90b81414c4'

const FRAME_SAMPLES = 960
/** −80 dB. */
const QUIET = 0.0001

function decoded(packets: readonly Uint8Array[]): Float32Array[] {
  const decoder = new MlowOrOpusDecoder(new MlowDecoder(), () => OpusDecoder.create(16_000))
  return packets.map((packet) => {
    const out = new Float32Array(decoder.maxSamples)
    expect(decoder.decode(packet, out)).toBe(FRAME_SAMPLES)
    return out.slice(0, FRAME_SAMPLES)
  })
}

const joined = (frames: readonly Float32Array[]) => Float32Array.from(frames.flatMap((frame) => [...frame]))

const peak = (pcm: Float32Array) => pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)

it.each([
  ['an Android phone', ANDROID],
  ['the web client', WEB],
])(
  'the priming packets of %s are a frame each, hardly heard, and the speech after them is as good as without',
  (_, first) => {
    const encoder = new MlowEncoder()
    const source = speech()
    const packets = Array.from({ length: 50 }, (_, n) => {
      const out = new Uint8Array(encoder.maxPayloadBytes)
      return out.slice(0, encoder.encode(source.subarray(n * FRAME_SAMPLES, (n + 1) * FRAME_SAMPLES), out))
    })
    const priming = [first, SECOND].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')))
    const primed = decoded([...priming, ...packets])
    const plain = decoded(packets)
    for (const frame of primed.slice(0, 2)) expect(peak(frame)).toBeLessThan(QUIET)
    expect(stoi(joined(plain), joined(primed.slice(2)), 16_000)).toBeGreaterThanOrEqual(0.95)
  },
)
