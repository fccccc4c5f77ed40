import { multistream, type Logger as PinoLogger, pino, type StreamEntry, stdTimeFunctions } from 'pino'
import type { LogFields, Logger } from '../base/logger.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `pretty` is one readable line per entry, for people at a terminal. */
  readonly format: 'json' | 'pretty'
  /** Where lines go; standard error when left out, so that a command's output stays its own. */
  readonly destination?: { write(line: string): void }
}

/** Fields that hold a phone number, SIP user or JID, or a name or words that may: shown with their last two digits only. */
const PERSONAL = new Set(
  'number from to divertedBy jid peer lid pn callee caller account trunk subject reason'.split(' '),
)

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
    masked[name] = typeof value === 'string' ? maskField(name, value) : value
  }
  return masked
}

function maskField(name: string, value: string): string {
  if (name === 'correlationId') return maskId(value)
  return PERSONAL.has(name) ? maskDigits(value) : value
}

/** Five digits, or nine with visual separators between them (RFC 3966, section 3, but for the dot, which addresses have). */
const NUMBER = /(?<![.:\d])\d(?:[-() ]{0,2}\d){8,}|\d{5,}/g

/** Replaces every digit of a number but the last two: `+491701234567@x` becomes `+**********67@x`. */
export function maskDigits(text: string): string {
  return text.replace(NUMBER, allButTwo)
}

function allButTwo(text: string): string {
  return text.replace(/\d(?=(?:\D*\d){2})/g, '*')
}

/** Ids as programs draw them: our own, UUIDs, Asterisk’s UNIQUEID (system name, seconds since 1970, and a count). */
const DRAWN_ID =
  /^((?=\d*[a-f])[0-9a-f]{16}|(?=[\d-]*[a-f])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|([a-z][a-z_-]*\d{0,2}-)?1[6-9]\d{8}\.\d{1,9})$/i

/** Digits, whatever stands between them. */
const SEVEN_DIGITS = /(?:\d\D*){7}/

/** A correlation id. A trunk may send its own, made of a number: that is masked; a drawn one is there to be found elsewhere. */
export function maskId(id: string): string {
  if (DRAWN_ID.test(id)) return id
  return SEVEN_DIGITS.test(id) ? allButTwo(id) : maskDigits(id)
}

/** JSON would make `{}` of an error. */
function shownError(error: unknown): unknown {
  if (error instanceof Error) return maskDigits(error.stack ?? error.message)
  return typeof error === 'string' ? maskDigits(error) : error
}

function prettyLine(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${String(msg)}  ${rest.join(' ')}\n`
}
