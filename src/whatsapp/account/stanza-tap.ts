import type { BinaryNode } from 'baileys'
import type { TracedNode, Tracer } from '../../base/tracer.ts'
import type { WaNode } from '../wa-client.ts'
import { fromBinaryNode } from './binary-node.ts'

/** The library writes a stanza as `<tag name='value' …>`; its content is not read from there. */
const HEAD = /^<([\w:-]{1,64})((?: [\w:-]{1,64}='[^'<>]{0,512}')*) ?\/?>/
const ATTRIBUTE = / ([\w:-]{1,64})='([^']*)'/g

/**
 * Shows a tracer every stanza of an account. The library hands out what comes in, but of what it sends by itself only a
 * text, through its log; of those stanzas the trace has tag and attributes.
 */
export class StanzaTap {
  readonly #tracer: Tracer
  readonly #account: string
  #isOurs = false

  constructor(tracer: Tracer, account: string) {
    this.#tracer = tracer
    this.#account = account
  }

  get isOn(): boolean {
    return this.#tracer.isOn
  }

  /** A frame as the library decoded it; before the handshake is over these are bytes. */
  received(frame: BinaryNode | Uint8Array): void {
    if (this.isOn && !(frame instanceof Uint8Array)) this.#record('in', fromBinaryNode(frame))
  }

  /** Runs `send`, which gives a stanza of ours to the library. */
  sending<T>(node: WaNode, send: () => T): T {
    if (!this.isOn) return send()
    this.#record('out', node)
    this.#isOurs = true
    try {
      return send()
    } finally {
      this.#isOurs = false
    }
  }

  /** A stanza about to go out, in the library’s own words. */
  libraryText(xml: string): void {
    const head = this.isOn && !this.#isOurs ? HEAD.exec(xml) : null
    if (!head) return
    const attrs: Record<string, string> = {}
    for (const [, name = '', value = ''] of (head[2] ?? '').matchAll(ATTRIBUTE)) attrs[name] = value
    this.#record('out', { tag: head[1]!, attrs })
  }

  #record(direction: 'in' | 'out', node: TracedNode): void {
    this.#tracer.record({ what: 'stanza', direction, account: this.#account, node })
  }
}
