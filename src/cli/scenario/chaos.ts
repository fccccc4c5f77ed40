import { createHash } from 'node:crypto'
import { type Random, seededRandom } from '../../base/random.ts'
import { type NamedScenario, scenarioFrom } from './load.ts'
import { LINKS, type ScenarioInput } from './schema.ts'

type StepInput = ScenarioInput['script'][number]

/** Nothing goes wrong any more from here on; whoever still talks hangs up some seconds later. */
const MENDED_AT_MS = 16_000
const HANG_UP_AT_MS = 20_000
const PEOPLE = ['anna', 'ben'] as const
const RELAYS = 3

/** Calls and faults by chance; the same seed and index give the same scenario. */
export function chaosScenario(seed: number, index: number): NamedScenario {
  const chance = new Chance(seededRandom(createHash('sha256').update(`chaos ${seed} ${index}`).digest().readUInt32BE()))
  return scenarioFrom(`chaos-${seed}-${index}`, {
    title: `chaos, seed ${seed}, number ${index}`,
    gateway: { whatsapp: { accounts: [{ name: 'main', maxCalls: chance.oneOf([1, 2, 3]) }] } },
    people: Object.fromEntries(PEOPLE.map((name) => [name, personBy(chance)])),
    owner: chance.happens(0.3) ? reactionBy(chance) : 'rings',
    phone: { onCall: phoneReactionBy(chance) },
    server: {
      ringTimeoutMs: chance.oneOf([6000, 45_000]),
      tellSiblings: chance.happens(0.3),
      acksActions: chance.happens(0.8),
      ackError: chance.oneOf(['attribute', 'child']),
      destinations: chance.oneOf(['everywhere', 'offers']),
    },
    network: {},
    stepsMayMiss: true,
    script: [...callsBy(chance), ...faultsBy(chance), ...mending(), ...farewell()],
    faultsEndAtMs: MENDED_AT_MS,
    lastsMs: 150_000,
    expect: {},
  })
}

/** Draws of one source. */
class Chance {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  happens(share: number): boolean {
    return this.#random.below(1000) < share * 1000
  }

  between(low: number, high: number): number {
    return low + this.#random.below(high - low + 1)
  }

  oneOf<const T>(values: readonly T[]): T {
    return values[this.#random.below(values.length)]!
  }
}

function reactionBy(chance: Chance) {
  const does = chance.oneOf(['answers', 'answers', 'answers', 'busy', 'uncallable', 'declines'])
  return { at: chance.between(0, 6000), does }
}

function personBy(chance: Chance) {
  const devices = Array.from({ length: chance.between(1, 3) }, () =>
    chance.happens(0.3) ? ('rings' as const) : reactionBy(chance),
  )
  return { devices, acceptsWithKey: chance.happens(0.3), preaccepts: chance.happens(0.9) }
}

function phoneReactionBy(chance: Chance) {
  if (chance.happens(0.2)) return 'rings' as const
  if (chance.happens(0.2)) return { does: 'declines' as const, status: chance.oneOf([480, 486, 603]) }
  return { at: chance.between(0, 5000), does: 'answers' as const }
}

/** One to three calls in either direction, and what is done in them. */
function callsBy(chance: Chance): StepInput[] {
  return Array.from({ length: chance.between(1, 3) }, () => callBy(chance)).flat()
}

function callBy(chance: Chance): StepInput[] {
  const at = chance.between(0, 8000)
  const who = chance.oneOf(PEOPLE)
  const later = () => at + chance.between(0, 9000)
  const device = chance.between(0, 2)
  const dial: StepInput = chance.happens(0.6)
    ? { at, who: 'phone', does: 'dials', to: who }
    : { at, who, does: 'dials' }
  const doings: readonly (() => StepInput)[] = [
    () => ({ at: later(), who: 'phone', does: 'hangs-up' }),
    () => ({ at: later(), who, device, does: 'hangs-up' }),
    () => ({ at: later(), who, device, does: 'answers' }),
    () => ({ at: later(), who, device, does: 'interferes' }),
    () => ({ at: later(), who, device, does: 'repeats-accept' }),
    () => ({ at: later(), who, device, does: chance.oneOf(['mutes', 'unmutes']) }),
    () => ({ at: later(), who: 'server', does: 'repeats-offer' }),
  ]
  return [dial, ...Array.from({ length: chance.between(0, 3) }, () => chance.oneOf(doings)())]
}

function faultsBy(chance: Chance): StepInput[] {
  const at = () => chance.between(0, MENDED_AT_MS - 2000)
  const faults: readonly (() => StepInput[])[] = [
    () => [{ at: at(), who: 'server', does: 'cuts', forMs: chance.between(0, 1500) }],
    () => [{ at: at(), who: 'server', does: 'slows', forMs: chance.between(50, 900) }],
    () => [{ at: at(), who: 'server', does: 'changes', server: { repeatsStanzas: chance.oneOf([0.2, 1]) } }],
    () => [{ at: at(), who: 'server', does: 'changes', server: { holdsStanzasBack: chance.oneOf([0.2, 0.5]) } }],
    () => [
      { at: at(), who: 'server', does: 'changes', server: { offers: chance.oneOf(['no-relays', 'late-relays']) } },
    ],
    () => [{ at: at(), who: 'relay', relay: chance.between(1, RELAYS), does: 'dies' }],
    () => [1, 2, 3].map((relay) => ({ at: at(), who: 'relay', relay, does: 'dies' as const })),
    () => [{ at: at(), who: 'relay', relay: chance.between(1, RELAYS), does: 'elects' }],
    () => [{ at: at(), who: 'network', does: 'becomes', network: { [chance.oneOf(LINKS)]: conditionsBy(chance) } }],
    () => [{ at: at(), who: 'network', does: 'becomes', network: { [chance.oneOf(LINKS)]: conditionsBy(chance) } }],
  ]
  return Array.from({ length: chance.between(0, 5) }, () => chance.oneOf(faults)()).flat()
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

function mending(): StepInput[] {
  const at = MENDED_AT_MS
  return [
    { at, who: 'network', does: 'becomes', network: Object.fromEntries(LINKS.map((link) => [link, {}])) },
    { at, who: 'server', does: 'slows', forMs: 0 },
    { at, who: 'server', does: 'changes', server: { repeatsStanzas: 0, holdsStanzasBack: 0, offers: 'accepted' } },
    ...Array.from({ length: RELAYS }, (_, i) => ({ at, who: 'relay', relay: i + 1, does: 'revives' as const })),
  ]
}

/** Hanging up what is up, in the order of chance's making: some ends come from here, some from there. */
function farewell(): StepInput[] {
  const devices = [0, 1, 2]
  // Who has dialled three times may have three calls with the owner's phone.
  const times = [4000, 4500, 5000]
  return [
    { at: HANG_UP_AT_MS, who: 'phone', does: 'hangs-up' },
    { at: HANG_UP_AT_MS + 3000, who: 'phone', does: 'hangs-up' },
    { at: HANG_UP_AT_MS + 3500, who: 'phone', does: 'hangs-up' },
    ...times.flatMap((afterMs) =>
      PEOPLE.flatMap((who) =>
        devices.map((device): StepInput => ({ at: HANG_UP_AT_MS + afterMs, who, device, does: 'hangs-up' })),
      ),
    ),
    { at: HANG_UP_AT_MS + 4000, who: 'owner', does: 'hangs-up' },
  ]
}
