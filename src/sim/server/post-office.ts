import type { Clock, Timer } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { Journal } from './journal.ts'
import { Mailbox } from './mailbox.ts'

interface Line {
  readonly send: (node: WaNode) => void
  /** When the last delayed stanza leaves, so that a changed delay does not reorder. */
  busyUntilMs: number
  /** Stanzas that have left. */
  sent: number
}

/** What happens to stanzas on their way to devices. Shares are from 0 to 1. */
export interface PostalFaults {
  /** Deliveries that come twice. */
  repeated: number
  /** Stanzas that those sent up to `HELD_BACK_MS` later overtake. */
  heldBack: number
}

const HELD_BACK_MS = 150
const STEPS = 10_000

/** Carries stanzas to devices: answers at once or never, everything else through the device's mailbox. */
export class PostOffice {
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #mailboxes = new Map<string, Mailbox>()
  readonly #lines = new Map<string, Line>()
  readonly #delays = new Map<string, number>()
  #overtaken = 0
  readonly #late = new Set<Timer>()
  readonly #random: Random
  readonly faults: PostalFaults = { repeated: 0, heldBack: 0 }

  constructor(clock: Clock, journal: Journal, random: Random) {
    this.#random = random
    this.#clock = clock
    this.#journal = journal
  }

  /** The device has a connection: answers can be sent; deliveries wait for `openMailbox`. */
  connect(device: string, send: (node: WaNode) => void): void {
    this.#lines.set(device, { send, busyUntilMs: 0, sent: 0 })
    this.#journal.events.emit({ type: 'online', device })
  }

  disconnect(device: string): void {
    if (!this.#lines.delete(device)) return
    this.#mailboxes.get(device)?.close()
    this.#journal.events.emit({ type: 'offline', device })
  }

  isConnected(device: string): boolean {
    return this.#lines.has(device)
  }

  /** How many stanzas wait for the device. */
  waiting(device: string): number {
    return this.#mailbox(device).waiting
  }

  /** Replays what waits for the device and delivers from now on; returns the number replayed. */
  openMailbox(device: string): number {
    return this.#mailbox(device).open((node) => this.answer(device, node))
  }

  /** A stanza that is not acknowledged; lost when the device is not connected. */
  answer(device: string, node: WaNode): void {
    const line = this.#lines.get(device)
    if (!line) return
    this.#journal.events.emit({ type: 'stanza', direction: 'out', device, node })
    if (this.#happens(this.faults.heldBack)) {
      const before = line.sent
      return this.#sendLater(HELD_BACK_MS, () => {
        if (line.sent > before) this.#overtaken += 1
        this.#leave(device, line, node)
      })
    }
    const delayMs = this.#delays.get(device) ?? 0
    line.busyUntilMs = Math.max(this.#clock.nowMs() + delayMs, line.busyUntilMs)
    const waitMs = line.busyUntilMs - this.#clock.nowMs()
    if (waitMs <= 0) this.#leave(device, line, node)
    else this.#sendLater(waitMs, () => this.#leave(device, line, node))
  }

  /** Stanzas held back that others have overtaken. */
  get overtaken(): number {
    return this.#overtaken
  }

  /** A stanza that the device has to acknowledge. */
  deliver(device: string, node: WaNode): void {
    this.#mailbox(device).deliver(node)
  }

  acknowledge(device: string, ack: WaNode): void {
    this.#mailbox(device).acknowledge(ack)
  }

  /** Everything to this device is late by `delayMs` from now on. */
  slowDown(device: string, delayMs: number): void {
    this.#delays.set(device, delayMs)
  }

  close(): void {
    for (const mailbox of this.#mailboxes.values()) mailbox.close()
    for (const timer of this.#late) timer.cancel()
    this.#lines.clear()
  }

  /** On the connection that it was meant for, or not at all. */
  #leave(device: string, line: Line, node: WaNode): void {
    if (this.#lines.get(device) !== line) return
    line.sent += 1
    line.send(node)
  }

  #sendLater(delayMs: number, send: () => void): void {
    const timer = this.#clock.after(delayMs, () => {
      this.#late.delete(timer)
      send()
    })
    this.#late.add(timer)
  }

  #happens(share: number): boolean {
    return share > 0 && this.#random.below(STEPS) < share * STEPS
  }

  #mailbox(device: string): Mailbox {
    const existing = this.#mailboxes.get(device)
    if (existing) return existing
    const mailbox = new Mailbox(device, this.#clock, this.#journal, () => this.#happens(this.faults.repeated))
    this.#mailboxes.set(device, mailbox)
    return mailbox
  }
}
