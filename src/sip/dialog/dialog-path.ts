import { TandemError } from '../../base/errors.ts'
import { AddressList, isAddressLiteral } from '../../net/address-list.ts'
import { type SipUri, unbracketed } from '../message/uri.ts'
import type { Locator } from '../transport/locator.ts'
import type { Flow } from '../transport/transport.ts'
import type { Dialog } from './dialog.ts'

/** RFC 1918, RFC 6598, RFC 4193: addresses that mean nothing to a host outside. */
const PRIVATE = new AddressList(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'])

/**
 * The flow for requests inside a dialog: RFC 3261 §12.2.1.1 as far as the far end can be reached by what it wrote. A
 * phone, and a peer that wrote a private address but is seen at a public one, gets them where it was last heard from.
 */
export class DialogPath {
  readonly #locator: Locator
  readonly #isPhone: boolean
  #flow: Flow

  constructor(locator: Locator, heardOn: Flow, isPhone: boolean) {
    this.#locator = locator
    this.#isPhone = isPhone
    this.#flow = heardOn
  }

  get flow(): Flow {
    return this.#flow
  }

  /** After the dialog began, its target changed, or a request of it came in on `heardOn`. */
  update(dialog: Dialog, heardOn: Flow): void {
    if (!dialog.hasRoutes && (this.#isPhone || isBehindNat(dialog.nextHop(), heardOn))) {
      this.#flow = heardOn
      return
    }
    this.#locator.locate(dialog.nextHop(), (result) => {
      if (!(result instanceof TandemError)) this.#flow = result
    })
  }
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
