import type { CallManager } from '../whatsapp/calls/call-manager.ts'
import { bareJid } from '../whatsapp/jid.ts'
import type { Jid, WaClient, WaState } from '../whatsapp/wa-client.ts'
import type { CallCause } from './cause.ts'
import type { Dialler } from './dialler/dialler.ts'
import { retryAfterS } from './mapping/causes.ts'
import type { Refusal } from './refusal.ts'

/** One linked WhatsApp account. */
export interface Account {
  readonly name: string
  readonly client: WaClient
  readonly calls: CallManager
  readonly maxCalls: number
}

const STATE_CAUSES: Readonly<Record<WaState, CallCause | undefined>> = {
  open: undefined,
  connecting: 'account-offline',
  closed: 'account-offline',
  pairing: 'account-logged-out',
  'logged-out': 'account-logged-out',
  replaced: 'account-replaced',
  banned: 'account-banned',
}

/** Why an account can make no call at all; undefined when it can, even if it is in a call just now. */
export function whyUnable({ name, client }: Pick<Account, 'name' | 'client'>, dialler: Dialler): Refusal | undefined {
  const cause = STATE_CAUSES[client.state]
  return cause === undefined ? dialler.restrictionOf(name) : { cause, retryAfterS: client.retryAfterS }
}

/**
 * Digits; empty when nobody can tell. Never the LID: it would mean nothing to a PBX. A number that is told is kept, since
 * the next call may name the LID alone.
 */
export async function callerNumber({ client }: Account, caller: Jid, callerPn: Jid | undefined): Promise<string> {
  const lid = bareJid(caller)
  const told = callerPn?.match(/^\d+/)?.[0]
  if (told === undefined) return (await client.numberForLid(lid).catch(() => undefined)) ?? ''
  await client.rememberNumber(lid, told).catch(() => undefined)
  return told
}

/** The accounts as the capacity of the trunk: which one makes a call, and whether any can. */
export class Accounts {
  readonly #accounts: readonly Account[]
  readonly #dialler: Dialler
  /** Callers whose number is looked up, each with the account whose place its call will have. */
  readonly #waiting = new Map<object, Account>()

  constructor(accounts: readonly Account[], dialler: Dialler) {
    this.#accounts = accounts
    this.#dialler = dialler
  }

  /** Why no account, or not the one named, can make calls; undefined when one can, even if it is in a call just now. */
  unavailability(name?: string): Refusal | undefined {
    return soonest(this.#named(name).map((account) => whyUnable(account, this.#dialler)))
  }

  /**
   * The first account, or the one named, that is connected, has room, and that the dialler lets dial the number; it has
   * then counted the call, and a place is kept for `caller` until `release`. Otherwise why not.
   */
  choose(
    digits: string,
    name: string | undefined,
    caller: object,
  ): { readonly account: Account } | { readonly refused: Refusal } {
    const refusals: Refusal[] = []
    for (const account of this.#named(name)) {
      const refusal =
        whyUnable(account, this.#dialler) ??
        (this.#isFull(account) ? ({ cause: 'account-busy' } as const) : this.#dialler.admit(account.name, digits))
      if (!refusal) {
        this.#waiting.set(caller, account)
        return { account }
      }
      refusals.push(refusal)
    }
    return { refused: soonest(refusals) ?? { cause: 'account-offline' } }
  }

  /** The caller's number is found, or the caller has gone. */
  release(caller: object): void {
    this.#waiting.delete(caller)
  }

  #named(name: string | undefined): readonly Account[] {
    return name === undefined ? this.#accounts : this.#accounts.filter((account) => account.name === name)
  }

  #isFull(account: Account): boolean {
    const waiting = [...this.#waiting.values()].filter((other) => other === account).length
    return account.calls.liveCalls + waiting >= account.maxCalls
  }
}

/** What only an administrator can change, the worst first: it says less to a PBX than what passes by itself. */
const HOPE: readonly CallCause[] = ['account-banned', 'account-replaced', 'account-logged-out']

/** Of the refusals of several accounts the one that is over first; undefined when an account does not refuse. */
function soonest(refusals: readonly (Refusal | undefined)[]): Refusal | undefined {
  let best: Refusal | undefined
  for (const refusal of refusals) {
    if (!refusal) return undefined
    if (!best || hopeOf(refusal) > hopeOf(best)) best = refusal
  }
  return best
}

/** Of refusals that pass, a ban with an end among them, the shorter the wait, the higher. */
function hopeOf({ cause, retryAfterS: knownS }: Refusal): number {
  const rank = HOPE.indexOf(cause)
  if (rank >= 0 && knownS === undefined) return rank
  const waitS = knownS ?? retryAfterS(cause) ?? 0
  return HOPE.length + 1 / (1 + waitS)
}
