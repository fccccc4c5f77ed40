import { relative } from 'node:path'
import { findVectorFiles, readVectorJson, vectorsDir } from './vector-files.ts'

export interface JsonVectors<T> {
  /** Path below the vectors folder, for test names. */
  readonly path: string
  readonly content: T
}

/** Every JSON file below the vectors folder whose content has the asked-for form. Throws when there is none. */
export function jsonVectors<T>(form: string, hasForm: (content: Record<string, unknown>) => boolean): JsonVectors<T>[] {
  const found = findVectorFiles(/\.json(\.gz)?$/).flatMap((path) => {
    const content = readVectorJson<Record<string, unknown>>(path)
    return hasForm(content) ? [{ path: relative(vectorsDir, path), content: content as T }] : []
  })
  if (found.length === 0) throw new Error(`no file with ${form} in ${vectorsDir}`)
  return found
}

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
