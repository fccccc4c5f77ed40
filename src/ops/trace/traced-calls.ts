import { ParseError } from '../../base/errors.ts'
import { callIdOfStanza, type TraceRecord } from './trace-record.ts'

export interface TracedCall {
  readonly correlationId: string
  readonly records: readonly TraceRecord[]
}

/**
 * Reads the JSON lines of a trace file. A last line without an end is left out: its writer was killed. Throws `ParseError`
 * `trace.malformed` with the number of a line that is none.
 */
export function parseTrace(text: string): readonly TraceRecord[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [recordOf(line, index + 1)]))
}

/** A trace by calls. What an account went through during a call stands in both parts. */
export interface SortedTrace {
  /** In order of appearance, each with all that belongs to it. */
  readonly calls: readonly TracedCall[]
  /** What belongs to no call: logins, registrations, states of the accounts. */
  readonly others: readonly TraceRecord[]
}

export function sortedByCall(records: readonly TraceRecord[]): SortedTrace {
  const callOf = callFinder(records)
  const calls = new Map<string, Sighting[]>()
  const others: TraceRecord[] = []
  for (const [position, record] of records.entries()) {
    const call = callOf(record)
    const known = call === undefined ? undefined : calls.get(call)
    if (call === undefined) others.push(record)
    else if (known) known.push({ position, record })
    else calls.set(call, [{ position, record }])
  }
  const states = records.flatMap((record, position) => (record.what === 'account' ? [{ position, record }] : []))
  return {
    calls: [...calls].map(([correlationId, own]) => ({ correlationId, records: withStates(own, states) })),
    others,
  }
}

interface Sighting<R extends TraceRecord = TraceRecord> {
  readonly position: number
  readonly record: R
}

type AccountRecord = Extract<TraceRecord, { what: 'account' }>

/** A call, with the states that its account entered between its first and its last record. */
function withStates(own: readonly Sighting[], states: readonly Sighting<AccountRecord>[]): readonly TraceRecord[] {
  const accounts = new Set(own.flatMap(({ record }) => (record.what === 'call' ? [record.account] : [])))
  const [first, last] = [own[0]!.position, own.at(-1)!.position]
  const during = states.filter(
    ({ position, record }) => position > first && position < last && accounts.has(record.account),
  )
  return [...own, ...during].sort((a, b) => a.position - b.position).map(({ record }) => record)
}

/** Gives the call of a record. It knows the whole trace: a call-id may be told after a message that has it. */
function callFinder(records: readonly TraceRecord[]): (record: TraceRecord) => string | undefined {
  const ids = new Map<string, string>()
  for (const record of records) {
    if (record.what === 'leg' && record.call !== undefined) ids.set(record.callId, record.call)
  }
  const stanzas = stanzaCalls(records, ids)
  return (record) => record.call ?? callOf(record, ids, stanzas)
}

/** Stanza ids to calls: acks and receipts name the stanza, not the call. */
function stanzaCalls(records: readonly TraceRecord[], ids: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const stanzas = new Map<string, string>()
  for (const record of records) {
    if (record.what !== 'stanza') continue
    const callId = callIdOfStanza(record.node)
    const call = record.call ?? (callId === undefined ? undefined : ids.get(callId))
    const { id } = record.node.attrs
    if (call !== undefined && id !== undefined) stanzas.set(id, call)
  }
  return stanzas
}

function callOf(
  record: TraceRecord,
  ids: ReadonlyMap<string, string>,
  stanzas: ReadonlyMap<string, string>,
): string | undefined {
  if (record.what === 'sip') return ids.get(record.message.callId)
  if (record.what !== 'stanza') return undefined
  const callId = callIdOfStanza(record.node)
  return (callId === undefined ? undefined : ids.get(callId)) ?? stanzas.get(record.node.attrs.id ?? '')
}

function recordOf(line: string, number: number): TraceRecord {
  let record: unknown
  try {
    record = JSON.parse(line)
  } catch (cause) {
    throw new ParseError('trace.malformed', `line ${number} is not JSON`, {}, { cause })
  }
  if (!isRecord(record)) throw new ParseError('trace.malformed', `line ${number} is not a trace record`)
  return record
}

/** Looks at what is read from a record later; the rest of it is only shown. */
function isRecord(value: unknown): value is TraceRecord {
  const { at, what, call, message, node, figures } = Object(value)
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at)) || typeof what !== 'string') return false
  if (call !== undefined && typeof call !== 'string') return false
  if (what === 'sip') return isText(message?.line) && isText(message?.cseq) && isText(message?.callId)
  if (what === 'stanza') return isStanza(node, MAX_DEPTH)
  return what !== 'media' || (typeof figures === 'object' && figures !== null)
}

const MAX_DEPTH = 16

function isStanza(value: unknown, depth: number): boolean {
  const { tag, attrs, content } = Object(value)
  if (depth === 0 || !isText(tag) || typeof attrs !== 'object' || attrs === null) return false
  if (!Object.values(attrs).every(isText)) return false
  return (
    content === undefined || isText(content) || (Array.isArray(content) && content.every((c) => isStanza(c, depth - 1)))
  )
}

const isText = (value: unknown) => typeof value === 'string'
