import { z } from 'zod'
import { expected } from './expectations.ts'

/** What a scenario file may say. `docs/scenarios.md` explains each key. Times are milliseconds. */

const ms = z.int().min(0).max(600_000)
const share = z.number().min(0).max(1)
const row = z.string().regex(/^[1-5]\/[a-z0-9-]+$/, 'a row of rows.yaml, such as 1/busy-on-one-device')

/** One way of a link. */
const conditions = z.strictObject({
  loss: share.default(0),
  delayMs: ms.default(0),
  jitterMs: ms.default(0),
  reordering: share.default(0),
  duplication: share.default(0),
})

/** Ways of datagrams that have conditions of their own. */
export const LINKS = [
  'phoneToGateway',
  'gatewayToPhone',
  'gatewayToRelay',
  'relayToGateway',
  'relayToPeer',
  'peerToRelay',
] as const

const network = z.strictObject(
  Object.fromEntries(LINKS.map((link) => [link, conditions.optional()])) as Record<
    (typeof LINKS)[number],
    z.ZodOptional<typeof conditions>
  >,
)

const reaction = z.strictObject({
  at: ms.default(500),
  does: z.enum(['answers', 'busy', 'uncallable', 'declines']),
})

const behaviour = z.strictObject({
  voice: z.enum(['speech', 'silence', 'echo']).default('speech'),
  acceptsWithKey: z.boolean().default(false),
  preaccepts: z.boolean().default(true),
  wantsLatencies: z.boolean().default(false),
  garblesKeys: z.boolean().default(false),
  busyWhileDialling: z.boolean().default(false),
  busyEndsCall: z.boolean().default(false),
  codec: z.enum(['mlow', 'opus']).default('mlow'),
})

const person = behaviour.extend({
  /** What each device does with a call; one that only rings says `rings`. */
  devices: z
    .array(z.union([z.literal('rings'), reaction]))
    .min(1)
    .max(3)
    .default([{ at: 500, does: 'answers' }]),
  /** Refuses strangers: `known` gives the account its privacy token before anything happens. */
  token: z.enum(['not needed', 'known', 'unknown']).default('not needed'),
})

const server = z
  .strictObject({
    ringTimeoutMs: ms,
    ackError: z.enum(['attribute', 'child']),
    ackType: z.enum(['named', 'none']),
    offers: z.union([
      z.enum(['accepted', 'no-relays', 'late-relays', 'unanswered']),
      z.strictObject({ error: z.int().min(400).max(599) }),
    ]),
    acksActions: z.boolean(),
    acceptNeedsKey: z.boolean(),
    destinations: z.enum(['everywhere', 'offers']),
    tellSiblings: z.boolean(),
    namesCallers: z.boolean(),
    voipSettings: z.record(z.string(), z.unknown()),
    repeatsStanzas: share,
    holdsStanzasBack: share,
  })
  .partial()

const relays = z.strictObject({
  count: z.int().min(1).max(4).default(3),
  ports: z.array(z.int().min(1).max(65_535)).max(4).default([]),
  /** What the relay block says of their ports, where that is not `ports`. */
  advertises: z.array(z.int().min(1).max(65_535)).max(4).default([]),
  addressFamily: z.enum(['ipv4', 'ipv6']).default('ipv4'),
  /** Only this relay forwards, counted from 1; all do when left out. */
  elected: z.int().min(1).max(4).optional(),
  cutSilentMs: ms.optional(),
  repeats: z.boolean().default(false),
  forges: z.boolean().default(false),
  /** Pongs have transaction ids of their own. */
  garblesPongs: z.boolean().default(false),
  /** RTCP of the relays themselves, under the hop-by-hop key. */
  reportsHop: z.boolean().default(false),
  warpMiTagLength: z.int().min(1).max(20).default(4),
  hbhKey: z.enum(['raw', 'base64', 'twice base64']).default('raw'),
  authTokens: z.boolean().default(true),
  listsForeign: z.boolean().default(false),
  marksFna: z.boolean().default(true),
})

const VERBS = {
  phone: ['dials', 'hangs-up', 'holds', 'resumes'],
  person: ['dials', 'hangs-up', 'answers', 'declines', 'mutes', 'unmutes', 'repeats-accept', 'interferes'],
  server: ['cuts', 'unlinks', 'replaces', 'bans', 'swallows', 'restricts', 'slows', 'repeats-offer', 'changes'],
  relay: ['dies', 'revives', 'elects'],
  network: ['becomes'],
  gateway: ['stops', 'drains'],
} as const

const allVerbs = [...new Set(Object.values(VERBS).flat())] as [Verb, ...Verb[]]
/** Whose accounts the gateway has; they are there without being among `people`. */
export const OWNERS = ['owner', 'owner-2'] as const
/** Names of whoever else is there. */
const TAKEN: ReadonlySet<string> = new Set([...Object.keys(VERBS).filter((kind) => kind !== 'person'), ...OWNERS])
export type Verb = (typeof VERBS)[keyof typeof VERBS][number]

const step = z.strictObject({
  /** From the beginning, or from an event of the first call with `after`. */
  at: ms.default(0),
  after: z.enum(['ringing', 'answered', 'over']).optional(),
  /** `phone`, `server`, `relay`, `network`, `gateway`, or somebody of `people`. */
  who: z.string().min(1).max(32),
  does: z.enum(allVerbs),
  to: z.string().min(1).max(32).optional(),
  /** Of the gateway; the last one when left out. */
  account: z.string().optional(),
  device: z.int().min(0).max(2).default(0),
  reason: z.enum(['busy', 'uncallable']).optional(),
  callId: z.string().min(1).max(64).optional(),
  /** Of an accept that is repeated. */
  key: z.enum(['same key', 'new key']).optional(),
  relay: z.int().min(1).max(4).default(1),
  /** What logins are refused with. */
  status: z.union([z.literal(402), z.literal(403), z.literal(405), z.literal(406)]).default(406),
  forMs: ms.default(0),
  server: server.optional(),
  network: network.optional(),
})

export const schema = z
  .strictObject({
    title: z.string().min(1).max(200),
    covers: z.array(row).default([]),
    /** What the gateway's configuration says beyond the scenario's own; keys as in config/example.yaml. */
    gateway: z.record(z.string(), z.unknown()).default({}),
    /** Linked devices of the account, each an account of the gateway. */
    accounts: z.int().min(1).max(2).default(1),
    /** With 2, each account is of a person of its own. */
    owners: z.int().min(1).max(OWNERS.length).default(1),
    phone: z
      .strictObject({
        onCall: z
          .union([
            z.literal('rings'),
            z.strictObject({ at: ms.default(500), does: z.literal('answers') }),
            z.strictObject({ at: ms.default(0), does: z.literal('declines'), status: z.int().min(400).max(699) }),
          ])
          .default({ at: 500, does: 'answers' }),
        registers: z.boolean().default(true),
        driftPpm: z.number().min(-500).max(500).default(0),
      })
      .prefault({}),
    people: z.record(z.string().regex(/^[a-z]{1,16}$/), person).default({}),
    /** The account's own phone. */
    owner: z.union([z.literal('rings'), reaction]).default('rings'),
    server: server.default({}),
    relays: relays.prefault({}),
    network: network.default({}),
    /** How much faster than ours the clock of the WhatsApp phones runs. */
    driftPpm: z.number().min(-500).max(500).default(0),
    script: z.array(step).min(1).max(100),
    /** A step may find nothing to be done to: chaos says what may have ended already. */
    stepsMayMiss: z.boolean().default(false),
    /** Until then the two sides may disagree on which call is up. */
    faultsEndAtMs: ms.default(0),
    /** The scenario is over when all is done and no call is left; a call that goes on for longer is a fault. */
    lastsMs: ms.default(90_000),
    expect: expected.prefault({}),
  })
  .superRefine((scenario, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, input: scenario, message })
    const names: ReadonlySet<string> = new Set([...Object.keys(scenario.people), ...OWNERS.slice(0, scenario.owners)])
    scenario.script.forEach(({ who, does, to }, index) => {
      const isPerson = names.has(who)
      const kind = isPerson ? 'person' : TAKEN.has(who) ? (who as keyof typeof VERBS) : undefined
      const verbs: readonly string[] | undefined = kind && VERBS[kind]
      if (!verbs) issue(['script', index, 'who'], `nobody is called ${who}`)
      else if (!verbs.includes(does)) issue(['script', index, 'does'], `${who} can do: ${verbs.join(', ')}`)
      if (who === 'phone' && does === 'dials' && to === undefined) issue(['script', index, 'to'], 'whom?')
      if (isPerson && to !== undefined && !names.has(to)) issue(['script', index, 'to'], `nobody is called ${to}`)
    })
    if (scenario.owners > scenario.accounts) issue(['owners'], 'more than there are accounts')
    for (const name of Object.keys(scenario.people))
      if (TAKEN.has(name)) issue(['people', name], 'is a name that is taken')
    for (const name of Object.keys(scenario.expect.people))
      if (!names.has(name)) issue(['expect', 'people', name], 'is nobody in people')
    for (const [name, owner] of Object.entries(scenario.expect.callers))
      if (!names.has(name) || !names.has(owner)) issue(['expect', 'callers', name], 'is nobody in people')
  })

export type Scenario = z.infer<typeof schema>
export type ScenarioInput = z.input<typeof schema>
export type Step = Scenario['script'][number]
export type Person = Scenario['people'][string]
export type Reaction = Person['devices'][number]
export type LinkName = (typeof LINKS)[number]
export type Links = Scenario['network']
