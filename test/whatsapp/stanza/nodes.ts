import type { WaNode } from '../../../src/whatsapp/wa-client.ts'

/** Writes a node down as it looks on the wire. */
export function n(tag: string, attrs: Record<string, string> = {}, content?: WaNode['content']): WaNode {
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
