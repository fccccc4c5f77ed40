import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'

const root = resolve(import.meta.dirname, '../..', process.env.TANDEM_VECTORS ?? '../shared/vectors')

export interface JsonVectors<T> {
  /** Path below the vector folder, for test names. */
  readonly path: string
  readonly content: T
}

/** Every `.json` file below the vector folder that has the asked-for form. Throws when there is none. */
export function jsonVectors<T>(form: string, hasForm: (content: Record<string, unknown>) => boolean): JsonVectors<T>[] {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => /\.json(\.gz)?$/.test(path))
  const found = paths.sort().flatMap((path) => {
    const bytes = readFileSync(join(root, path))
    const content = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
    return hasForm(content) ? [{ path, content: content as T }] : []
  })
  if (found.length === 0) throw new Error(`no vector file of the form "${form}" below ${root}`)
  return found
}

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
