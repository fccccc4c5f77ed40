import { z } from 'zod'

/** What `expect` of a scenario file may say; `verdict.ts` compares it with what happened. Times are milliseconds. */

const stoi = z.number().min(0).max(1)
const range = z.strictObject({ least: z.number().optional(), most: z.number().optional() })

const expectedCall = z.strictObject({
  direction: z.enum(['outbound', 'inbound']).optional(),
  cause: z.string(),
  endedBy: z.enum(['caller', 'callee', 'gateway']).optional(),
  rang: z.boolean().optional(),
  connected: z.boolean().optional(),
  account: z.string().optional(),
  from: z.string().optional(),
  talkMs: range.optional(),
})

/** What a packet to the peer may be; one with copies, or with a long header, is also one of the first three. */
export const HEARD_KINDS = ['mlow', 'opus', 'pause', 'longHeader', 'redundant'] as const

const heard = z.strictObject(
  Object.fromEntries(HEARD_KINDS.map((kind) => [kind, range.optional()])) as Record<
    (typeof HEARD_KINDS)[number],
    z.ZodOptional<typeof range>
  >,
)

const accountState = z.enum(['open', 'closed', 'connecting', 'logged-out', 'replaced', 'banned', 'any'])

export const expected = z.strictObject({
  /** Call records in the order in which the calls began; any, when left out. */
  calls: z.array(expectedCall).optional(),
  /** Ends of the desk phone's calls in the same order: final SIP status, and Q.850 cause of the Reason header. */
  phone: z
    .array(z.strictObject({ status: z.int(), q850: z.int().optional(), retryAfterS: range.optional() }))
    .optional(),
  /** How the last call ended on each device of a person, device 0 first. */
  people: z.record(z.string(), z.array(z.string())).default({}),
  /** On whose phones a call was answered. */
  answered: z.array(z.string()).default([]),
  /** Whose account each person was last called by. */
  callers: z.record(z.string(), z.string()).default({}),
  /** How many of each action the gateway sent. */
  sent: z.record(z.string(), z.int().min(0)).default({}),
  stoi: z.strictObject({ toPhone: stoi.optional(), toPeer: stoi.optional() }).optional(),
  answerToAudioMs: range.optional(),
  setupMs: range.optional(),
  lost: range.optional(),
  concealedMs: range.optional(),
  /** Lost packets of the gateway of which the peer found a copy. */
  recovered: range.optional(),
  /** Lost packets of the peer of which the gateway found a copy. */
  recoveredHere: range.optional(),
  /** Packets that were no packets of the call. */
  rejected: range.optional(),
  /** How long the peer was muted, by what the gateway heard of it. */
  mutedMs: range.optional(),
  /** Packets that the peer got of the gateway, by what was in them. */
  heard: heard.optional(),
  /** Other figures of the WhatsApp side, by the names that a trace has for them. */
  traced: z.record(z.string(), range).default({}),
  relays: z.strictObject({ gaveUsUp: z.int(), registrations: range }).partial().optional(),
  /** Of the last account at the end. */
  account: accountState.default('open'),
  /** States of several, by name. */
  accounts: z.record(z.string(), accountState).default({}),
  /** Stanzas that others have overtaken. */
  overtaken: range.optional(),
  missed: z.int().min(0).optional(),
  violations: z.array(z.string()).default([]),
})

export type Range = z.infer<typeof range>
