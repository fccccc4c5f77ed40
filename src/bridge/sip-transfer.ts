import type { ExtraHeader, IncomingSession, Party, SessionPeer, TransferRequest } from '../sip/sip-engine.ts'
import type { Leg, Transfer } from './leg.ts'
import type { LegContext } from './leg-factory.ts'
import { LinkedLeg } from './linked-leg.ts'
import { sipCause } from './mapping/causes.ts'
import { refuse } from './refusal.ts'

/** Makes the legs of parties that take another's place. */
export interface TransferLegs {
  /** Dials `user` at the peer of the call that is transferred; undefined when nobody there can be dialled. */
  dial(
    peer: SessionPeer,
    user: string,
    call: { readonly caller: Party; readonly headers: readonly ExtraHeader[] },
    context: LegContext,
  ): (() => Leg) | undefined
  takeOver(session: IncomingSession, context: LegContext): Leg
}

/** A REFER: the new party is dialled at the same peer, whatever host Refer-To names. undefined: refused. */
export function transferTo(
  request: TransferRequest,
  peer: SessionPeer,
  caller: Party,
  context: LegContext,
  legs: TransferLegs,
): Transfer | undefined {
  const dial = legs.dial(peer, request.user, { caller, headers: headersOf(request) }, context)
  if (!dial) {
    request.reject(404)
    return undefined
  }
  return reported(request, false, dial)
}

/**
 * A REFER that names another call of the same peer with us (RFC 5589 §7, when both of its calls come here): the other sides of
 * both calls are linked, and both of the peer's calls end. `ask` tells the leg of the other call of its transfer.
 */
export function transferBetween(request: TransferRequest, ask: (transfer: Transfer) => void): Transfer {
  return reported(request, true, () =>
    LinkedLeg.near((far) => {
      ask({ hasCalled: true, begin: () => far, ringing: () => {}, done: () => {}, failed: () => {} })
    }),
  )
}

/** A transfer whose fate the far end is told: by the REFER's answer, then by NOTIFY. */
function reported(request: TransferRequest, hasCalled: boolean, makeLeg: () => Leg): Transfer {
  let hasBegun = false
  return {
    hasCalled,
    begin: () => {
      hasBegun = true
      request.accept()
      return makeLeg()
    },
    ringing: () => request.progress(180),
    done: () => request.progress(200),
    failed: (cause) => {
      const { status } = sipCause(cause)
      if (hasBegun) request.progress(status)
      else request.reject(status)
    },
  }
}

function headersOf({ replaces, referredBy }: TransferRequest): ExtraHeader[] {
  const headers: ExtraHeader[] = []
  if (replaces !== undefined)
    headers.push({ name: 'Replaces', value: replaces }, { name: 'Require', value: 'replaces' })
  if (referredBy !== undefined) headers.push({ name: 'Referred-By', value: referredBy })
  return headers
}

/** An INVITE with Replaces: the new party is there already. */
export function transferBy(session: IncomingSession, context: LegContext, legs: TransferLegs): Transfer {
  return {
    hasCalled: true,
    begin: () => legs.takeOver(session, context),
    ringing: () => {},
    done: () => {},
    failed: (cause) => refuse(session, { cause }),
  }
}
