import { ParseError } from '../../base/errors.ts'
import type { SipRequest } from '../message/message.ts'
import { reasonPhrase } from '../message/response.ts'
import type { Session, TransferRequest } from '../sip-engine.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'
import { parseReferTo, type ReferTarget } from './refer-target.ts'

type Field = readonly [string, string]

/** What a transfer needs of the call in which it was asked for. */
interface TransferPorts {
  /** Another call of ours, if the Replaces of a Refer-To names one, or the status that refuses it. */
  joined(replaces: string): Session | number | undefined
  answer(transaction: ServerTransaction, status: number, fields?: readonly Field[]): void
  notify(fields: readonly Field[], body: string): void
}

/** The transfers of one call: one at a time (RFC 3515 §2.4). */
export class Transfers {
  readonly #ports: TransferPorts
  #handler: ((transfer: TransferRequest) => void) | undefined
  #current: Transfer | undefined

  constructor(ports: TransferPorts) {
    this.#ports = ports
  }

  onTransfer(handler: (transfer: TransferRequest) => void): void {
    this.#handler = handler
  }

  receive(transaction: ServerTransaction) {
    if (this.#current && !this.#current.isOver) return this.#ports.answer(transaction, 491)
    const target = referTarget(transaction.request)
    if (!target) return this.#ports.answer(transaction, 400)
    const joins = target.replaces === undefined ? undefined : this.#ports.joined(target.replaces)
    if (typeof joins === 'number') return this.#ports.answer(transaction, joins)
    this.#current = new Transfer(transaction, target, joins, this.#ports)
    if (this.#handler) this.#handler(this.#current)
    else this.#current.reject(603)
  }
}

/** §2.4.2: exactly one Refer-To. */
function referTarget({ headers }: SipRequest): ReferTarget | undefined {
  try {
    return headers.count('Refer-To') === 1 ? parseReferTo(headers.get('Refer-To')!) : undefined
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

/** How long the far end is told to wait for the next NOTIFY; a phone does not ring longer. */
const SUBSCRIPTION_S = 300

/** A REFER (RFC 3515): its answer, and the NOTIFYs that report how the new call fares, unless they are not wanted (RFC 4488). */
class Transfer implements TransferRequest {
  readonly user: string
  readonly replaces: string | undefined
  readonly joins: Session | undefined
  readonly referredBy: string | undefined
  readonly #ports: TransferPorts
  readonly #transaction: ServerTransaction
  readonly #wantsReports: boolean
  #state: 'asked' | 'accepted' | 'over' = 'asked'

  constructor(transaction: ServerTransaction, target: ReferTarget, joins: Session | undefined, ports: TransferPorts) {
    const { headers } = transaction.request
    this.user = target.user
    this.replaces = target.replaces
    this.joins = joins
    this.referredBy = headers.get('Referred-By')?.slice(0, 512)
    this.#ports = ports
    this.#transaction = transaction
    this.#wantsReports = headers.get('Refer-Sub')?.trim().toLowerCase() !== 'false'
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  /** §2.4.4: the first NOTIFY follows at once. */
  accept(): void {
    if (this.#state !== 'asked') return
    this.#state = 'accepted'
    this.#ports.answer(this.#transaction, 202, this.#wantsReports ? [] : [['Refer-Sub', 'false']])
    this.#report(100)
  }

  reject(status: number): void {
    if (this.#state !== 'asked') return
    this.#state = 'over'
    this.#ports.answer(this.#transaction, status)
  }

  /** §2.4.5; a final status ends the subscription. */
  progress(status: number): void {
    if (this.#state !== 'accepted') return
    this.#report(status)
    if (status >= 200) this.#state = 'over'
  }

  #report(status: number): void {
    if (!this.#wantsReports) return
    const state = status < 200 ? `active;expires=${SUBSCRIPTION_S}` : 'terminated;reason=noresource'
    const fields: Field[] = [
      ['Event', `refer;id=${this.#transaction.request.cseq.number}`],
      ['Subscription-State', state],
      ['Content-Type', 'message/sipfrag;version=2.0'],
    ]
    this.#ports.notify(fields, `SIP/2.0 ${status} ${reasonPhrase(status)}\r\n`)
  }
}
