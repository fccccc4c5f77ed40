import { ParseError } from '../../base/errors.ts'
import type { WaNode } from '../wa-client.ts'

/** Far above any call stanza seen (an offer with a relay block has about 40 nodes); a limit, not a format. */
const MAX_CHILDREN = 256
const MAX_ATTRIBUTE_LENGTH = 512
const MAX_DEPTH = 8

type Attributes = Readonly<Record<string, string | undefined>>

/** A node with the attributes that have a value, in the order given. */
export function element(tag: string, attributes: Attributes = {}, content?: WaNode['content']): WaNode {
  const attrs: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) attrs[name] = value
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

/** The child nodes; none for text and bytes. */
export function childrenOf(node: WaNode): readonly WaNode[] {
  if (!Array.isArray(node.content)) return []
  if (node.content.length > MAX_CHILDREN) {
    throw new ParseError(
      'whatsapp.stanza.size',
      `<${node.tag}> has ${node.content.length} children, ${MAX_CHILDREN} allowed`,
    )
  }
  return node.content
}

export function childOf(node: WaNode, tag: string): WaNode | undefined {
  return childrenOf(node).find((child) => child.tag === tag)
}

export function childrenNamed(node: WaNode, tag: string, most: number): readonly WaNode[] {
  const found = childrenOf(node).filter((child) => child.tag === tag)
  if (found.length > most) {
    throw new ParseError('whatsapp.stanza.size', `<${node.tag}> has ${found.length} <${tag}>, ${most} allowed`)
  }
  return found
}

/** The first node with this tag below `node`, depth first. The server's framing of `<relay>` and `<voip_settings>` varies. */
export function descendantOf(node: WaNode, tag: string, depth = MAX_DEPTH): WaNode | undefined {
  if (depth === 0) return undefined
  for (const child of childrenOf(node)) {
    const found = child.tag === tag ? child : descendantOf(child, tag, depth - 1)
    if (found) return found
  }
  return undefined
}

export function attributeOf(node: WaNode, name: string): string | undefined {
  const value = node.attrs[name]
  if (value !== undefined && value.length > MAX_ATTRIBUTE_LENGTH) {
    throw new ParseError(
      'whatsapp.stanza.size',
      `${name} of <${node.tag}> has ${value.length} characters, ${MAX_ATTRIBUTE_LENGTH} allowed`,
    )
  }
  return value
}

export function requiredAttribute(node: WaNode, name: string): string {
  const value = attributeOf(node, name)
  if (!value) throw new ParseError('whatsapp.stanza.attribute', `<${node.tag}> lacks ${name}`)
  return value
}

/** A non-negative decimal attribute, or undefined when it is absent, no number, or above `most`. */
export function countAttribute(node: WaNode, name: string, most: number): number | undefined {
  const text = attributeOf(node, name)
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  const value = Number(text)
  return value <= most ? value : undefined
}

/** The node's bytes. The binary decoder hands short printable content over as text. */
export function bytesOf(node: WaNode, most: number): Uint8Array | undefined {
  const { content } = node
  if (content === undefined || Array.isArray(content)) return undefined
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : (content as Uint8Array)
  if (bytes.length > most) {
    throw new ParseError('whatsapp.stanza.size', `<${node.tag}> has ${bytes.length} bytes, ${most} allowed`)
  }
  return bytes
}

export function requiredBytes(node: WaNode, most: number): Uint8Array {
  const bytes = bytesOf(node, most)
  if (!bytes?.length) throw new ParseError('whatsapp.stanza.content', `<${node.tag}> is empty`)
  return bytes
}
