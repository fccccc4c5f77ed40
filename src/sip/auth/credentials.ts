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

export interface Answer {
  /** Authorization or Proxy-Authorization. */
  readonly header: string
  readonly value: string
  /** The server only found the nonce too old: worth another try even after a first one. */
  readonly stale: boolean
}

/** RFC 3261 §22.2, RFC 8760 §2.4: answers the strongest challenge that we understand; undefined when there is none. */
export function answerChallenge(
  request: OutgoingRequest,
  response: SipResponse,
  credentials: Credentials,
  random: Random,
): Answer | undefined {
  const isProxy = response.status === 407
  const challenges = response.headers.lines(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate').map(readChallenge)
  const best = challenges
    .filter((challenge) => challenge !== undefined)
    .sort((a, b) => a.rank - b.rank)
    .at(0)
  if (!best) return undefined
  return {
    header: isProxy ? 'Proxy-Authorization' : 'Authorization',
    value: credentialsFor(best.params, request, credentials, random),
    stale: best.params.get('stale')?.toLowerCase() === 'true',
  }
}

interface Challenge {
  readonly params: Params
  readonly rank: number
}

function readChallenge(text: string): Challenge | undefined {
  try {
    const params = parseDigestParams(text)
    const rank = algorithmRank(params.get('algorithm') ?? 'MD5')
    const qop = params.get('qop')
    const usable = qop === undefined || offersAuth(qop)
    return rank !== undefined && usable && params.has('nonce') && params.has('realm') ? { params, rank } : undefined
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

function credentialsFor(challenge: Params, request: OutgoingRequest, credentials: Credentials, random: Random): string {
  const algorithm = challenge.get('algorithm') ?? 'MD5'
  const realm = challenge.get('realm')!
  const nonce = challenge.get('nonce')!
  const qop = challenge.has('qop') ? ('auth' as const) : undefined
  const cnonce = randomHex(8, random)
  const nc = '00000001'
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
