import { Chance } from './chance.ts'
import { faultsBy, MENDED_AT_MS, mending, type StepInput } from './chaos-faults.ts'
import { type NamedScenario, scenarioFrom } from './load.ts'
import { OWNERS } from './schema.ts'

/** Whoever still talks hangs up from here on. */
const HANG_UP_AT_MS = MENDED_AT_MS + 4000
const PEOPLE = ['anna', 'ben'] as const
const NOT_ON_WHATSAPP = '+491713920099'
const EMERGENCY = '110'

/** Calls and faults by chance; the same seed and index give the same scenario. */
export function chaosScenario(seed: number, index: number): NamedScenario {
  const chance = new Chance(`chaos ${seed} ${index}`)
  const accounts = chance.happens(0.25, 'two accounts') ? ['main', 'account-2'] : ['main']
  const owners = accounts.length === 2 && chance.happens(0.5, 'two owners') ? 2 : 1
  const acceptNeedsKey = chance.happens(0.2, 'accepts need a key')
  const script = [...callsBy(chance, owners), ...faultsBy(chance, accounts), ...mending(accounts), ...farewell(owners)]
  const named = scenarioFrom(`chaos-${seed}-${index}`, {
    title: `chaos, seed ${seed}, number ${index}`,
    gateway: gatewayBy(chance, accounts),
    accounts: accounts.length,
    owners,
    people: Object.fromEntries(PEOPLE.map((name) => [name, personBy(chance, acceptNeedsKey)])),
    owner: chance.happens(0.3) ? reactionBy(chance) : 'rings',
    phone: { onCall: phoneReactionBy(chance), registers: !chance.happens(0.05, 'no phone registered') },
    server: {
      ringTimeoutMs: chance.oneOf([6000, 45_000]),
      tellSiblings: chance.happens(0.3),
      acksActions: chance.happens(0.8),
      ackError: chance.oneOf(['attribute', 'child']),
      destinations: chance.oneOf(['everywhere', 'offers']),
      acceptNeedsKey,
    },
    relays: chance.happens(0.3, 'silence is cut off') ? { cutSilentMs: chance.oneOf([3000, 20_000]) } : {},
    network: {},
    stepsMayMiss: true,
    script,
    faultsEndAtMs: MENDED_AT_MS,
    lastsMs: 150_000,
    // Accounts may be banned; what matters is what becomes of the calls.
    expect: { account: 'any' },
  })
  return { ...named, drawn: chance.drawn }
}

function gatewayBy(chance: Chance, accounts: readonly string[]) {
  const exclusive = chance.happens(0.2, 'exclusive')
  return {
    whatsapp: { accounts: accounts.map((name) => ({ name, maxCalls: chance.oneOf([1, 2, 3]) })) },
    ...(exclusive && { routing: { inbound: accounts.map((account) => ({ account, user: 'desk', exclusive })) } }),
  }
}

function reactionBy(chance: Chance) {
  const does = chance.oneOf(['answers', 'answers', 'answers', 'answers', 'busy', 'uncallable', 'declines'])
  return { at: chance.between(0, 4000), does }
}

/** Where accepts need a key, people's phones know it. */
function personBy(chance: Chance, acceptNeedsKey: boolean) {
  const devices = Array.from({ length: chance.between(1, 3) }, () =>
    chance.happens(0.2) ? ('rings' as const) : reactionBy(chance),
  )
  return {
    devices,
    acceptsWithKey: acceptNeedsKey || chance.happens(0.3),
    preaccepts: chance.happens(0.9),
    wantsLatencies: chance.happens(0.1),
    garblesKeys: chance.happens(0.05, 'keys garbled'),
    busyWhileDialling: chance.happens(0.3, 'busy while dialling'),
    busyEndsCall: chance.happens(0.2, 'one busy ends all'),
    token: chance.happens(0.05, 'privacy token unknown') ? ('unknown' as const) : ('not needed' as const),
  }
}

function phoneReactionBy(chance: Chance) {
  if (chance.happens(0.15)) return 'rings' as const
  if (chance.happens(0.2)) return { does: 'declines' as const, status: chance.oneOf([480, 486, 603]) }
  return { at: chance.between(0, 4000), does: 'answers' as const }
}

/** One to three calls in either direction, and what is done in them. */
function callsBy(chance: Chance, owners: number): StepInput[] {
  return Array.from({ length: chance.between(1, 3) }, (_, index) => callBy(chance, owners, index)).flat()
}

function callBy(chance: Chance, owners: number, index: number): StepInput[] {
  const at = chance.between(0, 8000)
  const who = chance.oneOf(PEOPLE)
  const device = chance.between(0, 2)
  const doings = doingsMenu(chance, who, device, at)
  return [
    ...dialsBy(chance, who, owners, at, index),
    ...Array.from({ length: chance.between(0, 3) }, () => chance.oneNamed(doings)).flat(),
  ]
}

/** By the phone, by a person, or by both at once, with a call-id that wins or loses against ours. */
function dialsBy(chance: Chance, who: string, owners: number, at: number, index: number): StepInput[] {
  const owner = OWNERS[chance.between(0, owners - 1)]
  if (chance.happens(0.06, 'number refused')) {
    return [{ at, who: 'phone', does: 'dials', to: chance.oneOf([NOT_ON_WHATSAPP, EMERGENCY]) }]
  }
  const out: StepInput = { at, who: 'phone', does: 'dials', to: who }
  if (chance.happens(0.1, 'glare')) {
    const callId = chance.oneOf(['0', 'F']).repeat(31) + index
    return [out, { at: at + chance.between(0, 900), who, does: 'dials', to: owner, callId }]
  }
  return [chance.happens(0.6) ? out : { at, who, does: 'dials', to: owner }]
}

function doingsMenu(chance: Chance, who: string, device: number, at: number): Record<string, () => StepInput[]> {
  const later = () => at + chance.between(0, 9000)
  return {
    'phone hangs up': () => [{ at: later(), who: 'phone', does: 'hangs-up' }],
    'peer hangs up': () => [{ at: later(), who, device, does: 'hangs-up' }],
    'answers by hand': () => [{ at: later(), who, device, does: 'answers' }],
    'sibling interferes': () => [{ at: later(), who, device, does: 'interferes' }],
    'accepts again': () => [{ at: later(), who, device, does: 'repeats-accept' }],
    mutes: () => [{ at: later(), who, device, does: chance.oneOf(['mutes', 'unmutes']) }],
    holds: () => {
      const from = later()
      return [
        { at: from, who: 'phone', does: 'holds' },
        { at: from + chance.between(200, 3000), who: 'phone', does: 'resumes' },
      ]
    },
    'offer again': () => [{ at: later(), who: 'server', does: 'repeats-offer' }],
  }
}

/** Hanging up what is up: some ends come from here, some from there. */
function farewell(owners: number): StepInput[] {
  const devices = [0, 1, 2]
  const phone = [0, 3000, 3300, 3600].map(
    (ms): StepInput => ({ at: HANG_UP_AT_MS + ms, who: 'phone', does: 'hangs-up' }),
  )
  // Who has dialled three times, and both at once, may have as many calls with the owner's phone.
  const people = [4000, 4300, 4600, 4900].flatMap((ms) =>
    PEOPLE.flatMap((who) =>
      devices.map((device): StepInput => ({ at: HANG_UP_AT_MS + ms, who, device, does: 'hangs-up' })),
    ),
  )
  const own = OWNERS.slice(0, owners).flatMap((who) =>
    [4000, 4300, 4600].map((ms): StepInput => ({ at: HANG_UP_AT_MS + ms, who, does: 'hangs-up' })),
  )
  return [...phone, ...people, ...own]
}
