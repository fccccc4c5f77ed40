import { readFileSync, writeFileSync } from 'node:fs'

const HEADER_BYTES = 44

/** 16-bit PCM in a RIFF file, the same in each channel. `pcm` is in [-1, 1]. */
export function writeWav(path: string, pcm: Float32Array, sampleRateHz: number, channels = 1): void {
  const frameBytes = 2 * channels
  const bytes = Buffer.alloc(HEADER_BYTES + frameBytes * pcm.length)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(channels, 22)
  bytes.writeUInt32LE(sampleRateHz, 24)
  bytes.writeUInt32LE(frameBytes * sampleRateHz, 28)
  bytes.writeUInt16LE(frameBytes, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(frameBytes * pcm.length, 40)
  for (let i = 0; i < pcm.length * channels; i++) {
    const value = Math.round(pcm[Math.floor(i / channels)]! * 32768)
    bytes.writeInt16LE(Math.max(-32768, Math.min(32767, value)), HEADER_BYTES + 2 * i)
  }
  writeFileSync(path, bytes)
}

/** Reads what `writeWav` or a softphone wrote: PCM, 16 bit, of which the first channel counts. A recording cut off by a kill may state no length. */
export function readWav(path: string): { pcm: Float32Array; sampleRateHz: number } {
  const bytes = readFileSync(path)
  const format = bytes.indexOf('fmt ', 12, 'latin1')
  const data = bytes.indexOf('data', 12, 'latin1')
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || format < 0 || data < 0) throw new Error(`${path}: not a WAV file`)
  const [coding, channels] = [bytes.readUInt16LE(format + 8), bytes.readUInt16LE(format + 10)]
  if (coding !== 1 || channels < 1) throw new Error(`${path}: coding ${coding}, ${channels} channels`)
  const samples = Math.floor((bytes.length - data - 8) / (2 * channels))
  const pcm = Float32Array.from({ length: samples }, (_, i) => bytes.readInt16LE(data + 8 + 2 * channels * i) / 32768)
  return { pcm, sampleRateHz: bytes.readUInt32LE(format + 12) }
}
