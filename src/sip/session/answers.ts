import { createHmac } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { newTag } from '../core.ts'
import { DelayedAnswers } from '../limits/delayed-answers.ts'
import { type OutgoingResponse, tagOf } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'
import type { Refusal } from './gatekeeper.ts'

/** Final answers to requests that belong to no session. */
export class Answers {
  readonly #random: Random
  readonly #delayed: DelayedAnswers
  readonly #tagSecret: Uint8Array

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#random = random
    this.#delayed = new DelayedAnswers(clock)
    this.#tagSecret = random.bytes(32)
  }

  respond(transaction: ServerTransaction, response: OutgoingResponse): void {
    withTag(transaction, response, newTag({ random: this.#random }))
    transaction.respond(response)
  }

  /**
   * §8.2.7: an answer that costs no memory, for whoever has not proved who it is: the transaction is forgotten at once, so
   * nothing is repeated toward an address that may be forged. A repeated request gets a new answer with the same tag.
   */
  refuse(transaction: ServerTransaction, response: OutgoingResponse): void {
    const { via, callId } = transaction.request
    withTag(transaction, response, this.#tagOfRefusal(`${via.branch} ${callId}`))
    transaction.respond(response)
    transaction.abandon()
  }

  refuseLater(transaction: ServerTransaction, { response, delayMs }: Refusal): void {
    const answer = () => this.refuse(transaction, response)
    this.#delayed.after(delayMs, answer, () => transaction.abandon())
  }

  /** What is kept back is never said. */
  close(): void {
    this.#delayed.close()
  }

  #tagOfRefusal(text: string): string {
    return createHmac('sha256', this.#tagSecret).update(text).digest('hex').slice(0, 16)
  }
}

/** §8.2.6.2: every answer but 100 has a To tag. */
function withTag({ request }: ServerTransaction, { headers }: OutgoingResponse, tag: string): void {
  if (tagOf(request.to) === '') headers.replaceFirst('To', `${headers.get('To')};tag=${tag}`)
}
