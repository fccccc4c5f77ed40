import type { Timer } from '../../base/clock.ts'
import type { SipCore } from '../core.ts'
import type { Headers } from '../message/headers.ts'
import type { OutgoingResponse, SipRequest } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'
import { giveUpMs } from '../transaction/timers.ts'

/** Whether provisional answers to an INVITE go out reliably: must, may, or may not (RFC 3262 §3). */
export function reliabilityOf({ headers }: SipRequest): 'required' | 'supported' | 'none' {
  if (has100rel(headers, 'Require')) return 'required'
  return has100rel(headers, 'Supported') ? 'supported' : 'none'
}

export function has100rel(headers: Headers, name: 'Require' | 'Supported'): boolean {
  return headers.list(name).some((tag) => tag.toLowerCase() === '100rel')
}

interface Pending {
  readonly sequence: number
  readonly hasSdp: boolean
  readonly response: OutgoingResponse
}

/**
 * The callee's side of RFC 3262: a provisional answer goes out again, at doubling intervals, until its PRACK comes, and
 * the next one waits for that. After 64 × T1 the INVITE is given up (§3).
 */
export class ReliableProvisionals {
  readonly #core: SipCore
  readonly #transaction: ServerTransaction
  readonly #onGaveUp: () => void
  #sequence: number
  #pending: Pending | undefined
  #next: (() => void) | undefined
  #resend: Timer | undefined
  #giveUp: Timer | undefined

  constructor(core: SipCore, transaction: ServerTransaction, onGaveUp: () => void) {
    this.#core = core
    this.#transaction = transaction
    this.#onGaveUp = onGaveUp
    // §3: from 1 to 2³¹ − 1; below 2³⁰ so that there is no wrapping.
    this.#sequence = core.random.below(0x3f_ff_ff_ff) + 1
  }

  /** §3: a 2xx must wait for the PRACK of an answer with SDP. */
  get isSdpOpen(): boolean {
    return this.#pending?.hasSdp === true
  }

  /** Sends, or does so after the PRACK of the one before. `build` is given the fields that make it reliable. */
  send(hasSdp: boolean, build: (fields: readonly (readonly [string, string])[]) => OutgoingResponse): void {
    if (this.#pending) {
      this.#next = () => this.send(hasSdp, build)
      return
    }
    const sequence = this.#sequence++
    const response = build([
      ['Require', '100rel'],
      ['RSeq', String(sequence)],
    ])
    this.#pending = { sequence, hasSdp, response }
    this.#giveUp = this.#core.clock.after(giveUpMs(this.#core.timers), () => {
      this.stop()
      this.#onGaveUp()
    })
    this.#transmit(response, this.#core.timers.t1Ms)
  }

  /** Runs once nothing is open; replaces what waited before. */
  afterAcknowledgement(run: () => void): void {
    this.#next = run
  }

  /** §3: true when the PRACK is that of the open answer; false: 481. */
  acknowledge(prack: SipRequest): boolean {
    const pending = this.#pending
    if (!pending || !isFor(prack, pending.sequence, this.#transaction.request)) return false
    const next = this.#next
    this.#pending = undefined
    this.stop()
    // After the answer to the PRACK itself.
    if (next) queueMicrotask(next)
    return true
  }

  /** Sends nothing any more. §3: the PRACK of an answer that the final one overtook is taken all the same. */
  stop(): void {
    this.#next = undefined
    this.#resend?.cancel()
    this.#giveUp?.cancel()
  }

  #transmit(response: OutgoingResponse, intervalMs: number): void {
    this.#transaction.respond(response)
    this.#resend = this.#core.clock.after(intervalMs, () => this.#transmit(response, intervalMs * 2))
  }
}

/** §7.2: `RAck: <response number> <CSeq number> <method>`. */
function isFor(prack: SipRequest, sequence: number, invite: SipRequest): boolean {
  const [response, cseq, method] = (prack.headers.get('RAck') ?? '').trim().split(/\s+/)
  return Number(response) === sequence && Number(cseq) === invite.cseq.number && method === 'INVITE'
}
