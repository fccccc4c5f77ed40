import { ProtocolError } from '../../base/errors.ts'
import { AuthenticatedRequest } from '../auth/authenticated-request.ts'
import type { Headers } from '../message/headers.ts'
import type { SipResponse } from '../message/message.ts'
import type { OfferExchangeOwner } from './offer-exchange.ts'

/** RFC 4028 §7.4: shows the far end that the call is alive: by UPDATE without SDP, or by re-INVITE if it knows no UPDATE. */
export class SessionRefresh {
  readonly #owner: OfferExchangeOwner
  readonly #reinvite: () => Promise<void>
  #knowsUpdate = false

  /** `reinvite` rejects with `ProtocolError`; it ends the call itself when the far end has forgotten it. */
  constructor(owner: OfferExchangeOwner, reinvite: () => Promise<void>) {
    this.#owner = owner
    this.#reinvite = reinvite
  }

  /** RFC 3261 §20.5: the latest list counts, a message without one says nothing. */
  noteAllowed(headers: Headers): void {
    if (headers.has('Allow')) this.#knowsUpdate = headers.list('Allow').includes('UPDATE')
  }

  start(): void {
    if (this.#knowsUpdate) this.#update()
    else void this.#byReinvite()
  }

  async #byReinvite(): Promise<void> {
    try {
      await this.#reinvite()
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      if (error.code !== 'sip.call-ended') this.#owner.sessionTimer.tryLater()
    }
  }

  #update(): void {
    const { core, dialog, flow, contact, credentials, sessionTimer } = this.#owner
    const fields = [
      ['Contact', contact],
      ['Supported', 'timer'],
      ['User-Agent', core.product],
      ...sessionTimer.requestFields(),
    ] as const
    const user = {
      onResponse: (response: SipResponse) => this.#onResponse(response),
      onFailure: () => this.#owner.dialogGone('no answer to an UPDATE'),
    }
    const options = { credentials, nextSequence: () => dialog.nextSequence() }
    new AuthenticatedRequest(core, dialog.request('UPDATE', fields), flow, user, options)
  }

  #onResponse(response: SipResponse): void {
    const { status } = response
    if (status < 200 || this.#owner.isOver) return
    if (status < 300) {
      this.#owner.refreshTarget(response.headers)
      this.#owner.sessionTimer.agreed(response)
    } else if (status === 481 || status === 408) {
      this.#owner.dialogGone(`UPDATE answered ${status}`)
    } else if (status === 422 && this.#owner.sessionTimer.raise(response)) {
      this.#update()
    } else if (status === 405 || status === 501) {
      this.#knowsUpdate = false
      this.start()
    } else this.#owner.sessionTimer.tryLater()
  }
}
