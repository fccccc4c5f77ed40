import type { WaNode } from '../../whatsapp/wa-client.ts'
import { contentBytes } from '../server/node.ts'

/** An `<enc>` that its reader cannot open, as after a session was lost. */
export function garbled(enc: WaNode): WaNode {
  const bytes = new Uint8Array(contentBytes(enc) ?? [])
  for (let i = bytes.length >> 1; i < bytes.length; i++) bytes[i]! ^= 1
  return { ...enc, content: bytes }
}
