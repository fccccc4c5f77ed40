import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { AudioDecoder, AudioEncoder } from '../../src/media/codecs/codec.ts'
import { alignTo, estimateDelay } from '../../src/media/measure/align.ts'
import { stoi } from '../../src/media/measure/stoi.ts'
import { voice } from '../media/voice-signal.ts'

export interface CodecUnderTest {
  readonly encoder: AudioEncoder
  readonly decoder: AudioDecoder
  close?(): void
}

/** What every codec promises (src/media/codecs/codec.ts). `create` gives a fresh pair; the suite closes it. */
export function codecContract(name: string, create: () => Promise<CodecUnderTest>): void {
  describe(`codec ${name}`, () => {
    const open: CodecUnderTest[] = []
    const fresh = async () => {
      const codec = await create()
      open.push(codec)
      return codec
    }
    afterEach(() => {
      for (const codec of open.splice(0)) codec.close?.()
    })

    it('carries a voice-like signal, frame by frame', async () => {
      const { encoder, decoder } = await fresh()
      const sent = voice(encoder.sampleRateHz, 2.4)
      const heard = decodeAll(decoder, encodeAll(encoder, sent))
      expect(decoder.sampleRateHz).toBe(encoder.sampleRateHz)
      expect(heard).toHaveLength(Math.floor(sent.length / encoder.frameSamples) * encoder.frameSamples)
      const delay = estimateDelay(sent, heard, encoder.sampleRateHz / 10)
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(stoi(sent, alignTo(sent, heard, delay), encoder.sampleRateHz)).toBeGreaterThan(0.9)
    })

    it('keeps within the announced bounds', async () => {
      const { encoder, decoder } = await fresh()
      for (const payload of encodeAll(encoder, voice(encoder.sampleRateHz, 1))) {
        expect(payload.length).toBeGreaterThan(0)
        expect(payload.length).toBeLessThanOrEqual(encoder.maxPayloadBytes)
      }
      expect(encoder.frameSamples).toBeLessThanOrEqual(decoder.maxSamples)
    })

    it('carries silence as silence', async () => {
      const { encoder, decoder } = await fresh()
      const heard = decodeAll(decoder, encodeAll(encoder, new Float32Array(encoder.sampleRateHz)))
      expect(rms(heard)).toBeLessThan(0.002)
    })

    it('survives full scale and values beyond it', async () => {
      const { encoder, decoder } = await fresh()
      const loud = voice(encoder.sampleRateHz, 0.5).map((value) => 20 * value)
      expect(decodeAll(decoder, encodeAll(encoder, loud)).every(Number.isFinite)).toBe(true)
    })

    it('decodes any bytes without throwing, within bounds', async () => {
      const { decoder } = await fresh()
      const out = new Float32Array(decoder.maxSamples)
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (payload) => {
          const samples = decoder.decode(payload, out)
          expect(samples).toBeGreaterThanOrEqual(0)
          expect(samples).toBeLessThanOrEqual(decoder.maxSamples)
          expect(out.subarray(0, samples).every(Number.isFinite)).toBe(true)
        }),
        { numRuns: 300 },
      )
    })

    it('leaves its state alone when it refuses a payload', async () => {
      const { encoder, decoder } = await fresh()
      const { decoder: undisturbed } = await fresh()
      const payloads = encodeAll(encoder, voice(encoder.sampleRateHz, 0.6))
      const out = new Float32Array(decoder.maxSamples)
      expect(decoder.decode(new Uint8Array(0), out)).toBe(0)
      for (const payload of payloads) {
        const before = decodeAll(undisturbed, [payload])
        expect(decodeAll(decoder, [payload])).toEqual(before)
        expect(decoder.decode(new Uint8Array(0), out)).toBe(0)
      }
    })

    it('conceals exactly what is asked for, and fades to silence', async () => {
      const { encoder, decoder } = await fresh()
      const sent = voice(encoder.sampleRateHz, 0.6)
      decodeAll(decoder, encodeAll(encoder, sent))
      const piece = encoder.frameSamples
      const concealed: number[] = []
      const out = new Float32Array(Math.max(piece, decoder.maxSamples)).fill(7)
      while (concealed.length < encoder.sampleRateHz) {
        expect(decoder.conceal(piece, out)).toBe(piece)
        concealed.push(...out.subarray(0, piece))
      }
      expect(concealed.every((value) => Math.abs(value) <= 1.5)).toBe(true)
      expect(rms(Float32Array.from(concealed.slice(0, encoder.sampleRateHz / 50)))).toBeGreaterThan(0.2 * rms(sent))
      // libopus ends in comfort noise about 25 dB below the speech.
      expect(rms(Float32Array.from(concealed.slice(-encoder.sampleRateHz / 10)))).toBeLessThan(0.1 * rms(sent))
    })

    it('conceals with silence when nothing was heard yet', async () => {
      const { encoder, decoder } = await fresh()
      const out = new Float32Array(encoder.frameSamples).fill(1)
      decoder.conceal(encoder.frameSamples, out)
      expect(rms(out)).toBeLessThan(0.002)
    })

    it('is as new after a reset', async () => {
      const { encoder, decoder } = await fresh()
      const sent = voice(encoder.sampleRateHz, 0.6)
      const payloads = encodeAll(encoder, sent)
      const heard = decodeAll(decoder, payloads)
      encoder.reset()
      decoder.reset()
      expect(encodeAll(encoder, sent)).toEqual(payloads)
      expect(decodeAll(decoder, payloads)).toEqual(heard)
    })

    it('shares no state with another instance', async () => {
      const [a, b] = [await fresh(), await fresh()]
      const payloads = encodeAll(a.encoder, voice(a.encoder.sampleRateHz, 0.6))
      encodeAll(b.encoder, new Float32Array(b.encoder.sampleRateHz))
      const heard = payloads.map((payload) => {
        b.decoder.decode(Uint8Array.of(0x55, 0xaa, 0x13), new Float32Array(b.decoder.maxSamples))
        return decodeAll(a.decoder, [payload])
      })
      const { decoder } = await fresh()
      expect(joined(heard)).toEqual(decodeAll(decoder, payloads))
    })
  })
}

function encodeAll(encoder: AudioEncoder, pcm: Float32Array): Uint8Array[] {
  const out = new Uint8Array(encoder.maxPayloadBytes)
  return Array.from({ length: Math.floor(pcm.length / encoder.frameSamples) }, (_, i) => {
    const frame = pcm.subarray(i * encoder.frameSamples, (i + 1) * encoder.frameSamples)
    return out.slice(0, encoder.encode(frame, out))
  })
}

function decodeAll(decoder: AudioDecoder, payloads: readonly Uint8Array[]): Float32Array {
  const out = new Float32Array(decoder.maxSamples)
  return joined(payloads.map((payload) => out.slice(0, decoder.decode(payload, out))))
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function rms(pcm: Float32Array): number {
  return Math.sqrt(pcm.reduce((sum, value) => sum + value * value, 0) / pcm.length)
}
