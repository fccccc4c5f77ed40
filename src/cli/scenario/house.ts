import type { Clock } from '../../base/clock.ts'
import type { Gateway } from '../../gateway.ts'
import type { RelayFleet } from '../../sim/relay/relay-fleet.ts'
import type { Simulator } from '../../sim/simulator.ts'
import type { ScriptedPhone } from '../demo/scripted-phone.ts'
import type { CallPairs } from './call-pairs.ts'
import type { CallRecords } from './call-records.ts'
import type { Links } from './schema.ts'
import type { TracedFigures } from './traced-figures.ts'

/** What a house holds open at one time. */
export interface Holdings {
  readonly sockets: number
  readonly timers: number
  readonly 'SIP sessions': number
  readonly 'SIP dialogs': number
  readonly 'SIP transactions': number
}

/** A gateway between a desk phone and a simulated WhatsApp, for one scenario. */
export interface House {
  readonly clock: Clock
  readonly gateway: Gateway
  readonly simulator: Simulator
  readonly relays: RelayFleet
  /** Where the gateway talks to relays from. */
  readonly relayAddress: string
  readonly phone: ScriptedPhone
  /** Names of the gateway's accounts. */
  readonly accounts: readonly string[]
  /** Changes the conditions of the ways that are named. Only in virtual time: the network of the machine has no faults. */
  setLinks(links: Links): void
  readonly records: CallRecords
  /** Which SIP call and which WhatsApp call are the same call. */
  readonly pairs: CallPairs
  /** Offers that did not ring here. */
  readonly missed: () => number
  /** What a trace says that was heard from WhatsApp, the latest of each figure. */
  readonly traced: TracedFigures
  /** Lets time pass until `isDone`, at most `limitMs`; false when it was not done by then. */
  pass(isDone: () => boolean, limitMs: number): Promise<boolean>
  holdings(): Holdings
  /** Ends everything. Resolves with what is left open. */
  close(): Promise<readonly string[]>
}

export const SIP_USER = { username: 'desk', password: 'scenario' } as const

/** As of a gateway whose calls are all over. */
export function liveCalls({ gateway, accounts }: Pick<House, 'gateway' | 'accounts'>): number {
  const ofAccounts = accounts.map((name) => gateway.account(name)?.calls.liveCalls ?? 0)
  return gateway.status().activeCalls + ofAccounts.reduce((sum, calls) => sum + calls, 0)
}
