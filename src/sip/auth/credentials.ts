import { ParseError } from '../../base/errors.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { Params } from '../message/grammar.ts'
import type { OutgoingRequest, SipResponse } from '../message/message.ts'
import { algorithmRank, digestResponse, formatDigestParams, parseDigestParams } from './digest.ts'

/** What we prove ourselves with at a PBX. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** What one realm asks for. */
export interface Challenge {
  /** Authorization or Proxy-Authorization. */
  readonly header: string
  readonly realm: string
  /** The server only found the nonce too old: worth another try even after a first one. */
  readonly stale: boolean
  readonly params: Params
}

/** RFC 3261 §22.3, RFC 8760 §2.4: of each realm the strongest challenge that we understand. */
export function challengesOf({ status, headers }: SipResponse): Challenge[] {
  const [challenge, header] =
    status === 407 ? ['Proxy-Authenticate', 'Proxy-Authorization'] : ['WWW-Authenticate', 'Authorization']
  const strongest = new Map<string, Readable>()
  for (const found of headers.lines(challenge).map(readChallenge)) {
    const rival = found && strongest.get(found.realm)
    if (found && (!rival || found.rank < rival.rank)) strongest.set(found.realm, found)
  }
  return [...strongest.values()].map(({ realm, params }) => {
    return { header, realm, params, stale: params.get('stale')?.toLowerCase() === 'true' }
  })
}

interface Readable {
  readonly params: Params
  readonly realm: string
  readonly rank: number
}

function readChallenge(text: string): Readable | undefined {
  try {
    const params = parseDigestParams(text)
    const rank = algorithmRank(params.get('algorithm') ?? 'MD5')
    const realm = params.get('realm')
    const qop = params.get('qop')
    const isUsable = (qop === undefined || offersAuth(qop)) && params.has('nonce')
    return rank !== undefined && realm !== undefined && isUsable ? { params, realm, rank } : undefined
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

function offersAuth(qop: string): boolean {
  return qop
    .toLowerCase()
    .split(',')
    .some((option) => option.trim() === 'auth')
}

/** RFC 3261 §22.2: the value of the challenge's header. `count` is how often its nonce has been used, this time included. */
export function authorization(
  { params: challenge, realm }: Challenge,
  request: OutgoingRequest,
  credentials: Credentials,
  count: number,
  random: Random,
): string {
  const algorithm = challenge.get('algorithm') ?? 'MD5'
  const nonce = challenge.get('nonce')!
  const qop = challenge.has('qop') ? ('auth' as const) : undefined
  const cnonce = randomHex(8, random)
  const nc = count.toString(16).padStart(8, '0')
  const { username, password } = credentials
  const { method, requestUri: uri } = request
  const response = digestResponse({ algorithm, username, realm, password, method, uri, nonce, qop, nc, cnonce })
  const params: [string, string][] = [
    ['username', username],
    ['realm', realm],
    ['nonce', nonce],
    ['uri', uri],
    ['response', response],
  ]
  if (challenge.has('algorithm')) params.push(['algorithm', algorithm])
  if (qop || /-sess$/i.test(algorithm)) params.push(['cnonce', cnonce])
  if (qop) params.push(['qop-value', qop], ['nc', nc])
  const opaque = challenge.get('opaque')
  if (opaque !== undefined) params.push(['opaque', opaque])
  return formatDigestParams(params)
}
