import type { Clock } from '../../base/clock.ts'
import { TandemError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { WaClient, WaNode } from '../wa-client.ts'

/** A call sends about ten stanzas; more than this waiting means something is wrong. */
const MAX_WAITING = 256
/** The last words of so many calls are kept until they are acknowledged; an account makes a few calls at a time. */
const MAX_UNACKNOWLEDGED = 64
/**
 * Words that end a call wait longer than others: their call-id is of no other call, and a peer that was not told takes
 * the call for up.
 */
const LAST_WORDS: ReadonlySet<string | undefined> = new Set(['terminate', 'reject'])
const LAST_WORDS_KEPT_MS = 600_000

interface Posted {
  readonly node: WaNode
  readonly untilMs: number
  /** How often it is said again when the connection ends before the server has acknowledged it. */
  readonly repeats: number
}

/**
 * The way out for this account's stanzas. What cannot be sent while the connection is down waits for it, in order, no
 * longer than `keepMs`, or ten minutes when it ends a call. A connection may be dead for a minute before anybody finds
 * out; so words that end a call are said once more on the next one, unless the server has acknowledged them.
 * See docs/decisions/0069-last-words-until-acknowledged.md.
 */
export class Outbox {
  readonly #client: WaClient
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #keepMs: number
  #waiting: Posted[] = []
  /** Sent, by stanza id, oldest first. */
  readonly #unacknowledged = new Map<string, Posted>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(client: WaClient, clock: Clock, logger: Logger, keepMs: number) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
    this.#keepMs = keepMs
  }

  /** Sends now, or as soon as the connection is back. */
  post(node: WaNode): void {
    const isLast = LAST_WORDS.has(actionOf(node))
    const keepMs = isLast ? Math.max(LAST_WORDS_KEPT_MS, this.#keepMs) : this.#keepMs
    const posted = { node, untilMs: this.#clock.nowMs() + keepMs, repeats: isLast ? 1 : 0 }
    if (this.#client.state === 'open') this.#say(posted)
    else this.#keep(posted)
  }

  /** Sends now or never: an ack or receipt is of no use on another connection, where the stanza comes again. */
  postNow(node: WaNode): void {
    this.#send(node, () => this.#logger.debug({ tag: node.tag }, 'not sent: no connection to WhatsApp'))
  }

  /** The server has the stanza, whatever it thinks of it. */
  acknowledged(stanzaId: string): void {
    this.#unacknowledged.delete(stanzaId)
  }

  /** The connection is back. */
  flush(): void {
    const nowMs = this.#clock.nowMs()
    const due = [...this.#unacknowledged.values(), ...this.#waiting].filter(({ untilMs }) => untilMs > nowMs)
    this.clear()
    for (const posted of due) this.#say(posted)
  }

  /** Resolves when nothing is on its way into the connection any more. Never rejects. */
  async sent(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  /** The calls are over, the connection comes back: of what waits, only their ends still mean anything to the peers. */
  keepLastWords(): void {
    this.#waiting = this.#waiting.filter(({ node }) => LAST_WORDS.has(actionOf(node)))
  }

  clear(): void {
    this.#waiting = []
    this.#unacknowledged.clear()
  }

  #say(posted: Posted): void {
    const { node, repeats } = posted
    const { id = '' } = node.attrs
    if (repeats > 0) this.#awaitAck(id, { ...posted, repeats: repeats - 1 })
    this.#send(node, () => {
      this.#unacknowledged.delete(id)
      this.#keep(posted)
    })
  }

  #awaitAck(stanzaId: string, posted: Posted): void {
    this.#unacknowledged.set(stanzaId, posted)
    if (this.#unacknowledged.size > MAX_UNACKNOWLEDGED) {
      this.#unacknowledged.delete(this.#unacknowledged.keys().next().value!)
    }
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

  #keep(posted: Posted): void {
    const nowMs = this.#clock.nowMs()
    this.#waiting = this.#waiting.filter(({ untilMs }) => untilMs > nowMs)
    if (this.#waiting.length < MAX_WAITING) {
      this.#waiting.push(posted)
      return
    }
    const { tag } = posted.node
    this.#logger.warn({ waiting: MAX_WAITING, tag }, 'a stanza was dropped: too many wait for the connection')
  }
}

function actionOf({ content }: WaNode): string | undefined {
  return Array.isArray(content) ? (content as readonly WaNode[])[0]?.tag : undefined
}
