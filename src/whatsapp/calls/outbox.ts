import type { Clock } from '../../base/clock.ts'
import { TandemError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { WaClient, WaNode } from '../wa-client.ts'

/** A call sends about ten stanzas; more than this waiting means something is wrong. */
const MAX_WAITING = 256
/**
 * Words that end a call wait longer than others: their call-id is of no other call, and a peer that was not told takes
 * the call for up.
 */
const LAST_WORDS: ReadonlySet<string | undefined> = new Set(['terminate', 'reject'])
const LAST_WORDS_KEPT_MS = 600_000

interface Waiting {
  readonly node: WaNode
  readonly untilMs: number
}

/**
 * The way out for this account's stanzas. What cannot be sent while the connection is down waits for it, in order, no
 * longer than `keepMs`, or ten minutes when it ends a call.
 */
export class Outbox {
  readonly #client: WaClient
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #keepMs: number
  #waiting: Waiting[] = []
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
    this.#dropExpired()
    const waiting = this.#waiting
    this.clear()
    for (const { node } of waiting) this.post(node)
  }

  /** Resolves when nothing is on its way into the connection any more. Never rejects. */
  async sent(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  clear(): void {
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
    this.#dropExpired()
    if (this.#waiting.length >= MAX_WAITING) {
      this.#logger.warn(
        { waiting: MAX_WAITING, tag: node.tag },
        'a stanza was dropped: too many wait for the connection',
      )
      return
    }
    const keepMs = LAST_WORDS.has(actionOf(node)) ? Math.max(LAST_WORDS_KEPT_MS, this.#keepMs) : this.#keepMs
    this.#waiting.push({ node, untilMs: this.#clock.nowMs() + keepMs })
  }

  #dropExpired(): void {
    const nowMs = this.#clock.nowMs()
    this.#waiting = this.#waiting.filter(({ untilMs }) => untilMs > nowMs)
  }
}

function actionOf({ content }: WaNode): string | undefined {
  return Array.isArray(content) ? (content as readonly WaNode[])[0]?.tag : undefined
}
