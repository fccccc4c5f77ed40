import type { Clock, Timer } from '../../base/clock.ts'
import { TandemError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { WaClient, WaNode } from '../wa-client.ts'

/** A call sends about ten stanzas; more than this waiting means something is wrong. */
const MAX_WAITING = 256

/**
 * The way out for this account's stanzas. What cannot be sent while the connection is down waits for it, in order,
 * no longer than `keepMs` after the first had to wait: a terminate must not end a later call.
 */
export class Outbox {
  readonly #client: WaClient
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #keepMs: number
  #waiting: WaNode[] = []
  #expiry: Timer | undefined
  readonly #underWay = new Set<Promise<void>>()

  constructor(client: WaClient, clock: Clock, logger: Logger, keepMs: number) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
    this.#keepMs = keepMs
  }

  /** Sends now, or as soon as the connection is back. */
  post(node: WaNode): void {
    if (this.#client.state === 'open') this.#send(node, () => this.#keep(node))
    else this.#keep(node)
  }

  /** Sends now or never: an ack or receipt is of no use on another connection, where the stanza comes again. */
  postNow(node: WaNode): void {
    this.#send(node, () => this.#logger.debug({ tag: node.tag }, 'not sent: no connection to WhatsApp'))
  }

  /** The connection is back. */
  flush(): void {
    const waiting = this.#waiting
    this.clear()
    for (const node of waiting) this.post(node)
  }

  /** Resolves when nothing is on its way into the connection any more. Never rejects. */
  async sent(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  clear(): void {
    this.#expiry?.cancel()
    this.#expiry = undefined
    this.#waiting = []
  }

  #send(node: WaNode, whenOffline: () => void): void {
    const sending: Promise<void> = this.#client
      .send(node)
      .catch((error: unknown) => {
        if (error instanceof TandemError && error.code === 'whatsapp.offline') whenOffline()
        else this.#logger.error({ error, tag: node.tag }, 'a stanza could not be sent')
      })
      .finally(() => this.#underWay.delete(sending))
    this.#underWay.add(sending)
  }

  #keep(node: WaNode): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#logger.warn(
        { waiting: MAX_WAITING, tag: node.tag },
        'a stanza was dropped: too many wait for the connection',
      )
      return
    }
    this.#waiting.push(node)
    this.#expiry ??= this.#clock.after(this.#keepMs, () => this.clear())
  }
}
