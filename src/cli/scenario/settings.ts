import type { configFrom } from '../../config/load.ts'
import { accountOwner, type CastMember } from '../../sim/cast.ts'
import type { PhoneBehaviour } from '../../sim/phone/behaviour.ts'
import type { RelayFleet } from '../../sim/relay/relay-fleet.ts'
import type { PhonePlan, Simulator } from '../../sim/simulator.ts'
import { SIP_USER } from './house.ts'
import { OWNERS, type Person, type Scenario } from './schema.ts'

type ConfigInput = Parameters<typeof configFrom>[0]

/** First of the people's numbers; Germany's regulator keeps the range for films and the like. */
const FIRST_NUMBER = 491713920010
const SECOND_OWNER_NUMBER = 491713920098

/** The gateway's accounts are linked devices: of one owner's account, or each of another owner's. */
export function accountsOf({ accounts, owners }: Scenario): readonly { name: string; owner: string }[] {
  return Array.from({ length: accounts }, (_, index) => ({
    name: index === 0 ? 'main' : `account-${index + 1}`,
    owner: OWNERS[index % owners] ?? OWNERS[0],
  }))
}

/** The gateway's configuration: what is needed here, and over it what the scenario says. */
export function gatewayConfig(scenario: Scenario, dataDirectory: string, sipAddress: string): ConfigInput {
  const accounts = accountsOf(scenario).map(({ name }) => name)
  return merged(
    {
      dataDirectory,
      sip: { listen: [{ transport: 'udp', address: sipAddress, port: 0 }], users: [SIP_USER] },
      media: { address: sipAddress },
      whatsapp: { accounts: accounts.map((name) => ({ name })) },
      dialing: { countryCode: '49' },
      dialler: { perMinute: 100, strangersPerDay: 100 },
      routing: { inbound: accounts.map((account) => ({ account, user: SIP_USER.username })) },
    },
    scenario.gateway,
  ) as ConfigInput
}

/** Objects are joined key by key; anything else is replaced. */
function merged(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>): unknown {
  const result: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = result[key]
    result[key] = isPlain(below) && isPlain(value) ? merged(below, value) : value
  }
  return result
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The people, and the owners but the first. */
export function phonePlans({ people, owners }: Scenario): readonly PhonePlan[] {
  const persons = Object.entries(people).map(([name, person], index) => ({
    name,
    number: String(FIRST_NUMBER + index),
    devices: person.devices.length,
    behaviour: behaviourOf(person),
  }))
  const others = OWNERS.slice(1, owners).map((name, index) => ({
    name,
    number: String(SECOND_OWNER_NUMBER + index),
    behaviour: { onCall: 'ignores' as const },
  }))
  return [...persons, ...others]
}

export const ownerPlan: CastMember = { ...accountOwner, name: OWNERS[0] }

/** What people do is told to each call by the stage; here is only how. */
function behaviourOf(person: Person): Partial<PhoneBehaviour> {
  const { devices: _, token: __, ...behaviour } = person
  return { onCall: 'ignores', ...behaviour }
}

/** Sets what the server does. Also in the middle of a scenario. */
export function applyServer(simulator: Simulator, server: Scenario['server']): void {
  const { repeatsStanzas, holdsStanzasBack, ...behaviour } = server
  Object.assign(simulator.callBehaviour, behaviour)
  if (repeatsStanzas !== undefined) simulator.postalFaults.repeated = repeatsStanzas
  if (holdsStanzasBack !== undefined) simulator.postalFaults.heldBack = holdsStanzasBack
}

/** Sets what the relays do. */
export function applyRelays(fleet: RelayFleet, relays: Scenario['relays']): void {
  const { elected, cutSilentMs, repeats, forges, garblesPongs, reportsHop } = relays
  for (const relay of fleet.servers) {
    Object.assign(relay.faults, { cutSilentMs, repeats, forges, garblesPongs, reportsHop })
  }
  if (elected !== undefined) fleet.elect(elected - 1)
}
