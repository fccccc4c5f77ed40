import { multistream, type Logger as PinoLogger, pino, type StreamEntry, stdTimeFunctions } from 'pino'
import type { LogFields, Logger } from '../base/logger.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `pretty` is one readable line per entry, for people at a terminal. */
  readonly format: 'json' | 'pretty'
  /** Where lines go; standard error when left out, so that a command's output stays its own. */
  readonly destination?: { write(line: string): void }
}

/** Fields that hold a phone number, SIP user or JID: shown with their last two digits only. */
const PERSONAL = new Set(['number', 'from', 'to', 'jid', 'peer', 'lid', 'pn', 'callee', 'caller'])

/** Fields that must never be shown, whoever passes them. */
const SECRET = ['password', 'key', 'callKey', 'token', 'secret', 'creds', 'privKey', 'rootKey', 'authorization']

export function createLogger(options: LogOptions): Logger {
  const sink = options.destination ?? process.stderr
  const stream = options.format === 'pretty' ? { write: (line: string) => sink.write(prettyLine(line)) } : sink
  const entry: StreamEntry = { level: options.level, stream }
  return adapt(
    pino(
      {
        level: options.level,
        base: null,
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }), log: maskPersonal },
        serializers: { error: shownError },
        redact: { paths: [...SECRET, ...SECRET.map((name) => `*.${name}`)], censor: '[redacted]' },
      },
      multistream([entry]),
    ),
  )
}

function adapt(log: PinoLogger): Logger {
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    child: (fields) => adapt(log.child(maskPersonal(fields))),
  }
}

function maskPersonal(fields: LogFields): Record<string, unknown> {
  const masked: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    masked[name] = PERSONAL.has(name) && typeof value === 'string' ? maskDigits(value) : value
  }
  return masked
}

/** Replaces every digit but the last two of each run of five or more: `+491701234567@x` becomes `+**********67@x`. */
export function maskDigits(text: string): string {
  return text.replace(/\d{5,}/g, (run) => '*'.repeat(run.length - 2) + run.slice(-2))
}

/** JSON would make `{}` of an error. */
function shownError(error: unknown): unknown {
  return error instanceof Error ? maskDigits(error.stack ?? error.message) : error
}

function prettyLine(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${String(msg)}  ${rest.join(' ')}\n`
}
