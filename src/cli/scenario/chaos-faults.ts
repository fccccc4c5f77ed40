import type { Chance } from './chance.ts'
import { LINKS, type ScenarioInput } from './schema.ts'

export type StepInput = ScenarioInput['script'][number]

/** Nothing new goes wrong from here on, and what can be mended is. */
export const MENDED_AT_MS = 16_000
const RELAYS = 3

/** What may go wrong in a scenario with these accounts, by name. */
function faultMenu(chance: Chance, accounts: readonly string[]): Readonly<Record<string, () => StepInput[]>> {
  const at = () => chance.between(0, MENDED_AT_MS - 2000)
  const account = () => chance.oneOf(accounts)
  const relay = () => chance.between(1, RELAYS)
  const server = (does: 'cuts' | 'slows', forMs: number): StepInput[] => [
    { at: at(), who: 'server', account: account(), does, forMs },
  ]
  const changed = (to: StepInput['server']): StepInput[] => [{ at: at(), who: 'server', does: 'changes', server: to }]
  /** For a while, so that later calls go through. */
  const offers = (how: NonNullable<StepInput['server']>['offers']): StepInput[] => {
    const from = at()
    const until = from + chance.between(1000, 4000)
    return [
      { at: from, who: 'server', does: 'changes', server: { offers: how } },
      { at: until, who: 'server', does: 'changes', server: { offers: 'accepted' } },
    ]
  }
  const link = (): StepInput[] => [
    { at: at(), who: 'network', does: 'becomes', network: { [chance.oneOf(LINKS)]: conditionsBy(chance) } },
  ]
  return {
    'websocket cut': () => server('cuts', chance.between(0, 1500)),
    'websocket cut for long': () => server('cuts', chance.between(5000, 40_000)),
    'slow server': () => server('slows', chance.between(50, 900)),
    'stanzas twice': () => changed({ repeatsStanzas: chance.oneOf([0.2, 1]) }),
    'stanzas held back': () => changed({ holdsStanzasBack: chance.oneOf([0.2, 0.5]) }),
    'offers without relays': () => offers(chance.oneOf(['no-relays', 'late-relays'])),
    'offers unanswered': () => offers('unanswered'),
    'offers restricted': () => offers({ error: 463 }),
    'offers refused': () => offers({ error: chance.oneOf([404, 439, 500]) }),
    'relay dies': () => [{ at: at(), who: 'relay', relay: relay(), does: 'dies' }],
    'all relays die': () => [1, 2, 3].map((each) => ({ at: at(), who: 'relay', relay: each, does: 'dies' })),
    'relay elected': () => [{ at: at(), who: 'relay', relay: relay(), does: 'elects' }],
    'bad link': link,
    'another bad link': link,
  }
}

/** What cannot be mended; at most one in a scenario, because nothing follows it. */
function lossMenu(chance: Chance, accounts: readonly string[]): Readonly<Record<string, () => StepInput>> {
  const at = () => chance.between(1000, MENDED_AT_MS - 2000)
  const lost = (does: 'bans' | 'unlinks' | 'replaces'): StepInput => ({
    at: at(),
    who: 'server',
    account: chance.oneOf(accounts),
    does,
  })
  return {
    banned: () => lost('bans'),
    unlinked: () => lost('unlinks'),
    replaced: () => lost('replaces'),
    'gateway stops': () => ({ at: at(), who: 'gateway', does: 'stops' }),
    'gateway drains': () => ({ at: at(), who: 'gateway', does: 'drains', forMs: chance.between(1000, 10_000) }),
  }
}

/** Up to five faults, and now and then one that ends an account or the gateway. */
export function faultsBy(chance: Chance, accounts: readonly string[]): StepInput[] {
  const menu = faultMenu(chance, accounts)
  const faults = Array.from({ length: chance.between(0, 5) }, () => chance.oneNamed(menu)).flat()
  return chance.happens(0.2) ? [...faults, chance.oneNamed(lossMenu(chance, accounts))] : faults
}

/** Everything is as it should be again. */
export function mending(accounts: readonly string[]): StepInput[] {
  const at = MENDED_AT_MS
  return [
    { at, who: 'network', does: 'becomes', network: Object.fromEntries(LINKS.map((link) => [link, {}])) },
    ...accounts.map((account): StepInput => ({ at, who: 'server', account, does: 'slows', forMs: 0 })),
    { at, who: 'server', does: 'changes', server: { repeatsStanzas: 0, holdsStanzasBack: 0, offers: 'accepted' } },
    ...Array.from({ length: RELAYS }, (_, i) => ({ at, who: 'relay', relay: i + 1, does: 'revives' as const })),
  ]
}

function conditionsBy(chance: Chance) {
  return {
    loss: chance.oneOf([0, 0.05, 0.3, 1]),
    delayMs: chance.oneOf([0, 40, 300]),
    jitterMs: chance.oneOf([0, 30, 120]),
    reordering: chance.oneOf([0, 0.1]),
    duplication: chance.oneOf([0, 0.1]),
  }
}
