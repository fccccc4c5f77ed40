import { TandemError } from '../../base/errors.ts'
import { AddressList, isAddressLiteral } from '../../net/address-list.ts'
import type { Locator } from '../locating/locator.ts'
import { type SipUri, unbracketed } from '../message/uri.ts'
import { type Flow, isSecure } from '../transport/transport.ts'
import type { Dialog } from './dialog.ts'

/** RFC 1918, RFC 6598, RFC 4193: addresses that mean nothing to a host outside. */
const PRIVATE = new AddressList(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'])

/**
 * The flow for requests inside a dialog: RFC 3261 §12.2.1.1 as far as the far end can be reached by what it wrote. A
 * phone, and a peer that wrote a private address but is seen at a public one, gets them where it was last heard from; so
 * does whoever has a connection open from the address that it wrote (RFC 5923's purpose, for one dialog).
 */
export class DialogPath {
  readonly #locator: Locator
  readonly #isPhone: boolean
  #heardOn: Flow
  #flow: Flow

  constructor(locator: Locator, heardOn: Flow, isPhone: boolean) {
    this.#locator = locator
    this.#isPhone = isPhone
    this.#heardOn = heardOn
    this.#flow = heardOn
  }

  /** After a broken connection the next request begins a new one. */
  flowFor(dialog: Dialog): Flow {
    if (!this.#flow.isOpen) this.follow(dialog)
    return this.#flow
  }

  /** A request of the dialog came in. */
  heard(dialog: Dialog, on: Flow): void {
    this.#heardOn = on
    if (this.#answersWhereHeard(dialog)) this.#flow = on
  }

  /** The dialog began or its target changed. */
  follow(dialog: Dialog): void {
    if (this.#answersWhereHeard(dialog)) {
      this.#flow = this.#heardOn
      return
    }
    this.#locator.locate(dialog.nextHop(), (result) => {
      if (!(result instanceof TandemError)) this.#flow = result
    })
  }

  #answersWhereHeard(dialog: Dialog): boolean {
    if (!this.#heardOn.isOpen || (dialog.isSips && !isSecure(this.#heardOn))) return false
    if (isAtEndOf(this.#heardOn, dialog.nextHop())) return true
    return !dialog.hasRoutes && (this.#isPhone || isBehindNat(dialog.nextHop(), this.#heardOn))
  }
}

function isAtEndOf(flow: Flow, target: SipUri): boolean {
  return flow.reliable && unbracketed(target.host) === flow.remote.address
}

function isBehindNat(target: SipUri, heardOn: Flow): boolean {
  const host = unbracketed(target.host)
  return (
    isAddressLiteral(host) &&
    PRIVATE.has(host) &&
    !PRIVATE.has(heardOn.remote.address) &&
    host !== heardOn.local.address
  )
}
