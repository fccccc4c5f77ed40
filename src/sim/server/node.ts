import type { BinaryNode } from 'baileys'
import type { WaNode } from '../../whatsapp/wa-client.ts'

export function childrenOf(node: WaNode | undefined): readonly WaNode[] {
  const content = node?.content
  return Array.isArray(content) ? (content as readonly WaNode[]) : []
}

export function childOf(node: WaNode | undefined, tag: string): WaNode | undefined {
  return childrenOf(node).find((child) => child.tag === tag)
}

export function contentBytes(node: WaNode | undefined): Uint8Array | undefined {
  const content = node?.content
  if (content instanceof Uint8Array) return content
  return typeof content === 'string' ? new TextEncoder().encode(content) : undefined
}

/** Attributes without the undefined ones, which WABinary cannot write. */
export function element(
  tag: string,
  attrs: Readonly<Record<string, string | undefined>> = {},
  content?: WaNode['content'],
): WaNode {
  const present = Object.entries(attrs).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { tag, attrs: Object.fromEntries(present), content }
}

/** The library's type for the same thing: it wants mutable arrays, and does not write to them. */
export const asBinaryNode = (node: WaNode) => node as BinaryNode
