import { ParseError } from '../../base/errors.ts'
import type { EndReason } from '../sip-engine.ts'
import { parseParams, quote, unquote } from './grammar.ts'
import type { Headers } from './headers.ts'

/** RFC 3326: why a request was sent or refused, in another protocol's words. */

/** The Q.850 cause, 0 to 127; undefined when there is none or it cannot be read. */
export function q850Of(headers: Headers): number | undefined {
  const cause = causeOf(headers, 'q.850')
  return cause !== undefined && cause <= 127 ? cause : undefined
}

/** `Reason: SIP;cause=200;text="Call completed elsewhere"` on a CANCEL (RFC 3326 §2). */
export function sipCauseOf(headers: Headers): number | undefined {
  return causeOf(headers, 'sip')
}

/** A Reason that cannot be read is as good as none: it never makes a message bad. */
function causeOf(headers: Headers, protocol: string): number | undefined {
  try {
    for (const value of headers.list('Reason')) {
      const semicolon = value.indexOf(';')
      if (semicolon < 0 || value.slice(0, semicolon).trim().toLowerCase() !== protocol) continue
      const cause = parseParams(value.slice(semicolon + 1)).get('cause') ?? ''
      if (/^[0-9]{1,3}$/.test(cause)) return Number(cause)
    }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
  }
  return undefined
}

export function reasonText(headers: Headers): string | undefined {
  try {
    const [value = ''] = headers.list('Reason')
    const semicolon = value.indexOf(';')
    const text = semicolon < 0 ? undefined : parseParams(value.slice(semicolon + 1)).get('text')
    return text === undefined ? undefined : unquote(text)
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

/** Header fields for our side; SIP and Q.850 may stand together. */
export function reasonHeaders(reason: EndReason | undefined): (readonly [string, string])[] {
  const fields: (readonly [string, string])[] = []
  const text = reason?.text === undefined ? '' : `;text=${quote(reason.text)}`
  if (reason?.sip !== undefined) fields.push(['Reason', `SIP;cause=${reason.sip}${text}`])
  if (reason?.q850 !== undefined)
    fields.push(['Reason', `Q.850;cause=${reason.q850}${reason.sip === undefined ? text : ''}`])
  return fields
}
