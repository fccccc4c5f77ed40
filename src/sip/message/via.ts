import { ParseError } from '../../base/errors.ts'
import type { Endpoint } from '../../net/network.ts'
import { formatParams, NO_PARAMS, type Params, parseParams } from './grammar.ts'
import { bracketed, parseHostPort, unbracketed } from './uri.ts'

/** RFC 3261 §20.42. */
export interface Via {
  /** Upper case: UDP, TCP, TLS or what the peer calls it. */
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  readonly params: Params
  /** '' when absent (RFC 2543). */
  readonly branch: string
}

/** §8.1.1.7: branches that begin so are unique across all of the sender's transactions. */
export const MAGIC_COOKIE = 'z9hG4bK'

const SENT_PROTOCOL = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9-]{1,16})\s+/i

export function parseVia(text: string): Via {
  const head = SENT_PROTOCOL.exec(text)
  if (!head) throw new ParseError('parse.sip-via', 'Via does not begin with SIP/2.0/transport')
  const rest = text.slice(head[0].length)
  const semicolon = rest.indexOf(';')
  const { host, port } = parseHostPort((semicolon < 0 ? rest : rest.slice(0, semicolon)).trim())
  const params = semicolon < 0 ? NO_PARAMS : parseParams(rest.slice(semicolon + 1))
  return { transport: head[1]!.toUpperCase(), host, port, params, branch: params.get('branch') ?? '' }
}

export function formatVia(via: Omit<Via, 'branch'>): string {
  const port = via.port === undefined ? '' : `:${via.port}`
  return `SIP/2.0/${via.transport} ${via.host}${port}${formatParams(via.params)}`
}

/**
 * §18.2.1 and RFC 3581 §4: what the server adds to the top Via of a request, so that the answer finds its way back.
 * Returns the Via unchanged when there is nothing to add.
 */
export function stampVia(via: Via, source: Endpoint): Via {
  const wantsPort = via.params.has('rport')
  if (!wantsPort && unbracketed(via.host) === source.address) return via
  const params = new Map(via.params)
  params.set('received', bracketed(source.address))
  if (wantsPort) params.set('rport', String(source.port))
  return { ...via, params }
}

/** §18.2.2 and RFC 3581 §4: the port at the source's address where an answer over an unreliable transport goes. */
export function responsePort(via: Via, source: Endpoint): number {
  return via.params.has('rport') ? source.port : (via.port ?? 5060)
}
