import type { ILogger } from 'baileys/lib/Utils/logger.js'
import type { Logger } from '../../base/logger.ts'
import type { StanzaTap } from './stanza-tap.ts'

const MAX_TEXT_CHARS = 300

/**
 * Warnings about what we chose: a gateway shows nobody a presence, and takes of the chat history what has a length
 * (`history-part.ts`). And of the end of a connection, which `BaileysClient` tells with its status; each pairing has one.
 */
const EXPECTED = ['ignoring presence update', 'DISABLING ALL SYNC', 'stream errored out']

/**
 * The library's log in ours: warnings and errors only, both as warnings. Its objects hold whole stanzas, keys and
 * tokens, so nothing of them passes but the message of an error, with long numbers and anything like a key cut out.
 */
export function libraryLog(logger: Logger, tap?: StanzaTap): ILogger {
  const warn = (fields: unknown, message?: string) => {
    const text = typeof fields === 'string' ? fields : (message ?? '')
    if (EXPECTED.some((part) => text.includes(part))) return
    logger.warn({ library: 'baileys', error: errorText(fields), text: redact(text) }, 'client library warning')
  }
  const nothing = () => {}
  const bridge: ILogger = {
    // At `trace` the library also writes out each stanza that it sends.
    get level() {
      return tap?.isOn ? 'trace' : 'warn'
    },
    child: () => bridge,
    trace: (fields) => tap && sentStanza(fields, tap),
    debug: nothing,
    info: nothing,
    warn,
    error: warn,
  }
  return bridge
}

function sentStanza(fields: unknown, tap: StanzaTap): void {
  const { xml, msg } = Object(fields)
  if (msg === 'xml send' && typeof xml === 'string') tap.libraryText(xml)
}

function errorText(fields: unknown): string | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined
  for (const name of ['err', 'error', 'e', 'trace']) {
    const value: unknown = Reflect.get(fields, name)
    if (value instanceof Error) return redact(value.message)
    if (typeof value === 'string') return redact(value.split('\n', 1)[0]!)
  }
  return undefined
}

/** Phone numbers and LIDs have 7 digits or more; keys and tokens are long runs of hex or base64. */
export function redact(text: string): string {
  return text
    .slice(0, MAX_TEXT_CHARS)
    .replace(/[A-Za-z0-9+/_=-]{24,}/g, '[redacted]')
    .replace(/\d{5,}(\d{2})/g, '…$1')
}
