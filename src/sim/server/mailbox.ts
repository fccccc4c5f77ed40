import type { Clock, Timer } from '../../base/clock.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { Journal } from './journal.ts'
import { keepNewest } from './keep-newest.ts'
import { childrenOf, element } from './node.ts'

/** A stanza that is not acknowledged in this time is sent again (docs/protocol/server.md, "Delivery"). */
const redeliverAfterMs = 15_000
/** How many acknowledged stanzas are remembered, to tell a second ack from an ack of nothing. */
const rememberedAcks = 1000

interface Pending {
  readonly node: WaNode
  timer: Timer | undefined
  /** How often it went out: each delivery is acknowledged. */
  deliveries: number
}

/**
 * What one device has to be told. Every stanza stays until the device has acknowledged it; what is left when a
 * connection ends is replayed, marked `offline`, on the next one.
 */
export class Mailbox {
  readonly #device: string
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #pending = new Map<string, Pending>()
  /** With the number of acks that may still come. */
  readonly #acknowledged = new Map<string, number>()
  readonly #isRepeated: () => boolean
  #send: ((node: WaNode) => void) | undefined

  /** `isRepeated` is asked for each stanza: true sends it twice, as a server does that has lost an ack. */
  constructor(device: string, clock: Clock, journal: Journal, isRepeated: () => boolean = () => false) {
    this.#isRepeated = isRepeated
    this.#device = device
    this.#clock = clock
    this.#journal = journal
  }

  get waiting(): number {
    return this.#pending.size
  }

  /** Replays what waits, then passes new stanzas on as they come. Returns how many were replayed. */
  open(send: (node: WaNode) => void): number {
    this.#send = send
    let index = 0
    for (const [key, pending] of [...this.#pending]) {
      const replayed = { ...pending.node, attrs: { ...pending.node.attrs, offline: String(index++) } }
      this.#put(key, replayed)
    }
    return index
  }

  /** The connection is gone; what is not acknowledged waits for the next one. */
  close(): void {
    this.#send = undefined
    for (const pending of this.#pending.values()) pending.timer?.cancel()
  }

  /** Every stanza here must carry `id` and `from`. */
  deliver(node: WaNode): void {
    this.#put(keyOf(node.tag, node.attrs.id, node.attrs.from), node)
  }

  acknowledge(ack: WaNode): void {
    const key = keyOf(ack.attrs.class, ack.attrs.id, ack.attrs.to)
    const pending = this.#pending.get(key)
    if (!pending) {
      const left = this.#acknowledged.get(key) ?? 0
      const twice = this.#acknowledged.has(key)
      if (left > 0) return this.#remember(key, left - 1)
      this.#journal.violation(
        twice ? 'ack.twice' : 'ack.of-nothing',
        this.#device,
        twice ? 'a stanza was acknowledged twice' : 'an ack names no stanza that was delivered (class, id, to)',
        ack,
      )
      return
    }
    this.#checkForm(ack, pending.node)
    pending.timer?.cancel()
    this.#pending.delete(key)
    this.#remember(key, pending.deliveries - 1)
  }

  #put(key: string, node: WaNode): void {
    const before = this.#pending.get(key)
    before?.timer?.cancel()
    const timer = this.#send ? this.#clock.after(redeliverAfterMs, () => this.#redeliver(key)) : undefined
    const pending = { node, timer, deliveries: before?.deliveries ?? 0 }
    this.#pending.set(key, pending)
    const times = this.#isRepeated() ? 2 : 1
    for (let i = 0; this.#send && i < times; i++) {
      pending.deliveries += 1
      this.#send(node)
    }
  }

  #redeliver(key: string): void {
    const pending = this.#pending.get(key)
    if (!pending) return
    this.#journal.violation('ack.missing', this.#device, 'a stanza was not acknowledged in time', pending.node)
    this.#put(key, pending.node)
  }

  #checkForm(ack: WaNode, stanza: WaNode): void {
    for (const name of ['participant', 'recipient']) {
      if (ack.attrs[name] !== stanza.attrs[name]) {
        this.#journal.violation('ack.form', this.#device, `ack does not copy the stanza's ${name}`, ack)
      }
    }
    const expected = stanza.tag === 'call' ? childrenOf(stanza)[0]?.tag : stanza.attrs.type
    if (ack.attrs.type !== undefined && ack.attrs.type !== expected) {
      this.#journal.violation(
        'ack.type',
        this.#device,
        `ack says type ${ack.attrs.type}, the stanza is ${expected}`,
        ack,
      )
    }
  }

  #remember(key: string, acksLeft: number): void {
    this.#acknowledged.set(key, acksLeft)
    keepNewest(this.#acknowledged, rememberedAcks)
  }
}

const keyOf = (tag: string | undefined, id: string | undefined, peer: string | undefined) => `${tag} ${id} ${peer}`

/** `<ack>` for a stanza of a client. */
export function ackFor(
  stanza: WaNode,
  attrs: Readonly<Record<string, string | undefined>>,
  content?: WaNode[],
): WaNode {
  return element('ack', { class: stanza.tag, id: stanza.attrs.id, from: stanza.attrs.to, ...attrs }, content)
}
