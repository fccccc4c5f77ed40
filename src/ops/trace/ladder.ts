import type { TraceRecord } from './trace-record.ts'
import type { TracedCall } from './traced-calls.ts'

/** Columns: time, SIP peer, Tandem, WhatsApp. */
const TIME_CHARS = 9
const LANE_CHARS = 42

/**
 * A ladder diagram: the SIP peer on the left, Tandem in the middle, WhatsApp and the relays on the right. One line for each
 * message; runs of equal STUN messages are one line with their count.
 */
export function ladder({ correlationId, records }: TracedCall): string {
  return diagram(`call ${correlationId}`, records, stepOf)
}

/** The same of what belongs to no call. Any equal messages fold: registrations and keep-alives come for hours. */
export function ladderOfOthers(records: readonly TraceRecord[]): string {
  return diagram('in no call', records, (record) => {
    const step = stepOf(record)
    return step.side === 'here' ? step : { ...step, foldKey: `${step.side} ${step.text}` }
  })
}

function diagram(title: string, records: readonly TraceRecord[], toStep: (record: TraceRecord) => Step): string {
  const begin = records[0]?.at ?? ''
  const lines = folded(records.map(toStep)).map(({ atMs, side, text, count }) => {
    const time = ((atMs - Date.parse(begin)) / 1000).toFixed(3).padStart(TIME_CHARS)
    return `${time}  ${drawn(side, printable(count > 1 ? `${text} ×${count}` : text))}`
  })
  return [printable(`${title}  ${begin}`), HEAD, ...lines].join('\n')
}

const HEAD = `${'s'.padStart(TIME_CHARS)}  ${'SIP'.padEnd(LANE_CHARS - 3)}Tandem${'WhatsApp, relays'.padStart(LANE_CHARS - 2)}`

type Side = 'sip-in' | 'sip-out' | 'whatsapp-in' | 'whatsapp-out' | 'here'

interface Step {
  readonly atMs: number
  readonly side: Side
  readonly text: string
  /** Steps with the same key that follow one another are shown once. */
  readonly foldKey: string | undefined
  readonly count: number
}

/** A peer’s words must not steer the terminal. */
const printable = (text: string) => text.replace(/\p{Cc}/gu, '?')

function drawn(side: Side, text: string): string {
  const space = ' '.repeat(LANE_CHARS)
  switch (side) {
    case 'sip-in':
      return `${arrow(text, 'right')}│`
    case 'sip-out':
      return `${arrow(text, 'left')}│`
    case 'whatsapp-out':
      return `${space}│${arrow(text, 'right')}`
    case 'whatsapp-in':
      return `${space}│${arrow(text, 'left')}`
    case 'here':
      return `${space}● ${text}`
  }
}

function arrow(text: string, to: 'left' | 'right'): string {
  const shown = text.length > LANE_CHARS - 6 ? `${text.slice(0, LANE_CHARS - 7)}…` : text
  const line = '─'.repeat(LANE_CHARS - shown.length - 4)
  return to === 'right' ? `─ ${shown} ${line}▶` : `◀${line} ${shown} ─`
}

function stepOf(record: TraceRecord): Step {
  const step = (side: Side, text: string, foldKey?: string): Step => ({
    atMs: Date.parse(record.at),
    side,
    text,
    foldKey,
    count: 1,
  })
  switch (record.what) {
    case 'sip':
      return step(record.direction === 'in' ? 'sip-in' : 'sip-out', sipText(record.message))
    case 'stanza':
      return step(record.direction === 'in' ? 'whatsapp-in' : 'whatsapp-out', stanzaText(record.node))
    case 'stun': {
      const text = `STUN ${STUN_NAMES[record.type] ?? record.type} ${record.relay}`
      return step(record.direction === 'in' ? 'whatsapp-in' : 'whatsapp-out', text, `${record.direction}${text}`)
    }
    case 'relay':
      return step('here', relayText(record))
    case 'media':
      return step('here', `heard from ${record.side}: ${figuresText(record.figures)}`)
    case 'call':
      return step(
        'here',
        [`call ${record.state}`, record.cause, record.endedBy && `by ${record.endedBy}`].filter(Boolean).join(', '),
      )
    case 'leg':
      return step('here', `${record.side} call-id ${record.callId}`)
    case 'account':
      return step(
        'here',
        ['account', record.account, record.state, record.reason && `(${record.reason})`].filter(Boolean).join(' '),
      )
    case 'begin':
      return step('here', `trace of ${record.product}`)
    case 'end':
      return step('here', `trace ${record.reason}`)
    default:
      return step('here', (record as TraceRecord).what)
  }
}

/** RFC 8489 and WhatsApp’s own (docs/protocol/stun.md). */
const STUN_NAMES: Readonly<Record<string, string>> = {
  '0x0001': 'Binding',
  '0x0101': 'Binding success',
  '0x0111': 'Binding error',
  '0x0003': 'Allocate',
  '0x0103': 'Allocate success',
  '0x0113': 'Allocate error',
  '0x0801': 'ping',
  '0x0802': 'pong',
}

function sipText({ line, cseq }: { readonly line: string; readonly cseq: string }): string {
  const status = /^SIP\/2\.0 (.*)$/.exec(line)?.[1]
  return status === undefined ? line.replace(/ SIP\/2\.0$/, '') : `${status} (${cseq.split(' ')[1] ?? cseq})`
}

function stanzaText({ tag, attrs, content }: Extract<TraceRecord, { what: 'stanza' }>['node']): string {
  const [inner] = Array.isArray(content) ? content : []
  const what = tag === 'call' ? (inner?.tag ?? 'call') : [tag, attrs.class, attrs.type].filter(Boolean).join(' ')
  const facts = [inner?.attrs.reason, attrs.error && `error ${attrs.error}`, attrs.from ?? attrs.to]
  return [what, ...facts.filter(Boolean)].join(' ')
}

function relayText({
  relay,
  event,
  endpoint,
  rttMs,
  detail,
  figures,
}: Extract<TraceRecord, { what: 'relay' }>): string {
  const rtt = rttMs === undefined ? undefined : `rtt ${rttMs} ms`
  const text = ['relay', relay, event, endpoint, rtt, detail].filter((part) => part !== undefined).join(' ')
  return figures ? `${text}: ${figuresText(figures)}` : text
}

/** That nothing came has to be seen; of the rest, what did not happen is left out. */
const SHOWN_AT_ZERO = new Set(['received', 'rtp'])

const figuresText = (figures: Readonly<Record<string, number>>) =>
  Object.entries(figures)
    .filter(([name, value]) => value !== 0 || SHOWN_AT_ZERO.has(name))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

function folded(steps: readonly Step[]): readonly Step[] {
  const out: Step[] = []
  /** Where the open run of each key is: pings and their answers alternate. */
  const runs = new Map<string, number>()
  for (const step of steps) {
    const run = step.foldKey === undefined ? undefined : runs.get(step.foldKey)
    if (step.foldKey === undefined) runs.clear()
    if (run === undefined) {
      if (step.foldKey !== undefined) runs.set(step.foldKey, out.length)
      out.push(step)
    } else {
      const before = out[run]!
      out[run] = { ...before, count: before.count + 1 }
    }
  }
  return out
}
