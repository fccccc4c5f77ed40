import type { BinaryNode } from 'baileys'
import type { WaNode } from '../wa-client.ts'

/** An offer with three relays has about 60 nodes in 5 levels and a few kilobytes; these are bounds, not the format. */
const MAX_DEPTH = 12
const MAX_NODES = 1024
const MAX_ATTRS = 64
const MAX_TEXT_CHARS = 4096
const MAX_BYTES = 65_536

/**
 * The library's node as ours. One beyond the bounds keeps its tag and short attributes and loses its content,
 * so that the call layer can still acknowledge it: what is not acknowledged is delivered again and again.
 */
export function fromBinaryNode(node: BinaryNode): WaNode {
  const budget = { nodes: MAX_NODES, bytes: MAX_BYTES }
  const whole = convert(node, MAX_DEPTH, budget)
  return whole ?? { tag: String(node.tag).slice(0, MAX_TEXT_CHARS), attrs: shortAttrs(node.attrs) }
}

/** The library neither keeps nor changes what it is given, apart from filling in an id, so a shallow copy will do. */
export function toBinaryNode(node: WaNode): BinaryNode {
  const { content } = node
  const attrs = { ...node.attrs }
  if (content === undefined) return { tag: node.tag, attrs }
  if (typeof content === 'string' || content instanceof Uint8Array) return { tag: node.tag, attrs, content }
  return { tag: node.tag, attrs, content: content.map(toBinaryNode) }
}

function convert(node: BinaryNode, depth: number, budget: { nodes: number; bytes: number }): WaNode | undefined {
  if (depth === 0 || --budget.nodes < 0) return undefined
  const entries = Object.entries(node.attrs ?? {})
  if (entries.length > MAX_ATTRS || entries.some(([, value]) => !isShort(value))) return undefined
  const { tag, content } = node
  if (!isShort(tag)) return undefined
  const attrs = shortAttrs(node.attrs)
  if (content === undefined || content === null) return { tag, attrs }
  if (!Array.isArray(content)) {
    budget.bytes -= content.length
    return budget.bytes < 0 ? undefined : { tag, attrs, content }
  }
  const children: WaNode[] = []
  for (const child of content) {
    const converted = convert(child, depth - 1, budget)
    if (!converted) return undefined
    children.push(converted)
  }
  return { tag, attrs, content: children }
}

function shortAttrs(attrs: BinaryNode['attrs'] | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attrs ?? {})
      .filter(([, value]) => isShort(value))
      .slice(0, MAX_ATTRS),
  )
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT_CHARS
}
