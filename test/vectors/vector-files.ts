import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Folder of the conformance vectors. */
export const vectorsDir = resolve(projectRoot, process.env.TANDEM_VECTORS ?? '../shared/vectors')

/** Constant tables and their checksums lie beside the vectors. */
export const tablesDir = join(vectorsDir, '../mlow/tables')

/** Files whose path below the vectors folder matches; throws when there is none, so that no suite passes on nothing. */
export function findVectorFiles(form: RegExp): string[] {
  if (!existsSync(vectorsDir)) throw new Error(`no folder ${vectorsDir}; set TANDEM_VECTORS`)
  const found = readdirSync(vectorsDir, { recursive: true, encoding: 'utf8' })
    .filter((path) => form.test(path))
    .sort()
    .map((path) => join(vectorsDir, path))
  if (found.length === 0) throw new Error(`no file of the form ${form} in ${vectorsDir}`)
  return found
}

/** Bytes of a file, unpacked when its name ends in .gz. */
export function readVector(path: string): Buffer {
  const bytes = readFileSync(path)
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

export function readVectorJson<T>(path: string): T {
  return JSON.parse(readVector(path).toString('utf8')) as T
}

export function readVectorJsonLines<T>(path: string): T[] {
  return readVector(path)
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

/** Signed 16-bit little-endian samples, as floats in [-1, 1). */
export function readVectorPcm16(path: string): Float32Array {
  const bytes = readVector(path)
  return Float32Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i) / 32768)
}

/** 32-bit little-endian float samples. */
export function readVectorPcmF32(path: string): Float32Array {
  const bytes = readVector(path)
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readFloatLE(4 * i))
}

/** Packets of a .mlow file: 16-bit little-endian length, then that many bytes; empty = lost. */
export function readVectorPackets(path: string): Uint8Array[] {
  const bytes = readVector(path)
  const packets: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + bytes.readUInt16LE(at)
    packets.push(new Uint8Array(bytes.subarray(at + 2, end)))
    at = end
  }
  return packets
}
