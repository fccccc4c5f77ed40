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

/** The calls of a trace in order of appearance, each with all that belongs to it. */
export function callsOf(records: readonly TraceRecord[]): readonly TracedCall[] {
  const ids = new Map<string, string>()
  for (const record of records) {
    if (record.what === 'leg' && record.call !== undefined) ids.set(record.callId, record.call)
  }
  const stanzas = stanzaCalls(records, ids)
  const calls = new Map<string, TraceRecord[]>()
  for (const record of records) {
    const call = record.call ?? callOf(record, ids, stanzas)
    if (call === undefined) continue
    const known = calls.get(call)
    if (known) known.push(record)
    else calls.set(call, [record])
  }
  return [...calls].map(([correlationId, own]) => ({ correlationId, records: own }))
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
