import { ProtocolError, TandemError } from '../../base/errors.ts'
import { redact } from './library-log.ts'
import type { ConnectionEnd } from './reconnect-policy.ts'

/** The library's status codes for a connection that is closed, lost, or was never there. */
const OFFLINE_CODES = new Set([408, 428])

/** The system's errors of a connection that is gone. Others, of a disk or a table that is full, have nothing to do with it. */
const BROKEN_CONNECTION = new Set(
  'EPIPE ECONNRESET ECONNABORTED ETIMEDOUT ENOTCONN EHOSTUNREACH ENETUNREACH'.split(' '),
)

/** The status code that the library's errors (Boom) carry. */
export function statusCodeOf(error: unknown): number | undefined {
  const output = field(error, 'output')
  const code = field(output, 'statusCode')
  return typeof code === 'number' ? code : undefined
}

/** How the connection ended. The library keeps the attributes of a `<failure>` as the error's `data`. */
export function connectionEndOf(error: unknown): ConnectionEnd {
  const expireS = Number(field(field(error, 'data'), 'expire') ?? Number.NaN)
  return { statusCode: statusCodeOf(error), ...(expireS > 0 && { expireS: Math.ceil(expireS) }) }
}

/** Whatever the library threw, as one of our errors: `whatsapp.offline` or `code`. */
export function asProtocolError(error: unknown, code: string, what: string): TandemError {
  if (error instanceof TandemError) return error
  const statusCode = statusCodeOf(error)
  if (isWriteError(error) || (statusCode !== undefined && OFFLINE_CODES.has(statusCode))) return offline()
  return new ProtocolError(code, `${what}: ${messageOf(error)}`, { statusCode })
}

/** Fit for a log: numbers and keys cut out. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? redact(error.message) : 'unknown'
}

export function offline(): ProtocolError {
  return new ProtocolError('whatsapp.offline', 'no connection to WhatsApp')
}

/** What a socket that is gone says to a write: an error of the system, of Node.js streams, or of `ws`. */
function isWriteError(error: unknown): boolean {
  const code = field(error, 'code')
  if (typeof code === 'string') return BROKEN_CONNECTION.has(code) || code.startsWith('ERR_STREAM_')
  return error instanceof Error && error.message.startsWith('WebSocket is not open')
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
