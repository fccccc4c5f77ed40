import type { Timer } from '../../base/clock.ts'
import { AuthenticatedRequest } from '../auth/authenticated-request.ts'
import { newCallId, newTag, type SipCore } from '../core.ts'
import { isTargets, type Located } from '../locating/locator.ts'
import type { Target } from '../locating/target.ts'
import { Headers } from '../message/headers.ts'
import { request as makeRequest, type OutgoingRequest, type SipResponse } from '../message/message.ts'
import { bracketed, formatUri, sipUri } from '../message/uri.ts'
import type { Flow } from '../transport/transport.ts'

/** Whom to ask. `key` tells subjects apart and outlives a refresh. */
export interface QualifySubject {
  readonly key: string
  readonly uri: string
  readonly routes: readonly string[]
  readonly targets: (found: (result: Located) => void) => void
  /** False: who has never answered an OPTIONS is not judged by it; there are phones and carriers that do not. */
  readonly mustAnswer: boolean
}

export type Reachable = 'unknown' | 'reachable' | 'unreachable'

export interface QualifyResult {
  readonly state: Reachable
  readonly roundTripMs: number | undefined
}

interface Subject {
  state: Reachable
  roundTripMs: number | undefined
  dueAtMs: number
  isAsking: boolean
}

const TICK_MS = 1000
/** Four datagrams have gone out by then. */
const ANSWER_TIMEOUT_MS = 5000
/** Who is gone is asked more often: it matters when it comes back. */
const RETRY_MS = 15_000
const UNKNOWN: QualifyResult = { state: 'unknown', roundTripMs: undefined }

/** RFC 3261 §11: asks trunks and contacts by OPTIONS whether they are there. Any answer but 503 and 408 says yes. */
export class Qualifier {
  readonly #core: SipCore
  readonly #intervalMs: number
  readonly #subjects: () => Iterable<QualifySubject>
  readonly #onChange: (subject: QualifySubject, state: Reachable) => void
  #known = new Map<string, Subject>()
  readonly #waiting = new Set<Timer>()
  #tick: Timer | undefined

  constructor(
    core: SipCore,
    intervalMs: number,
    subjects: () => Iterable<QualifySubject>,
    onChange: (subject: QualifySubject, state: Reachable) => void,
  ) {
    this.#core = core
    this.#intervalMs = intervalMs
    this.#subjects = subjects
    this.#onChange = onChange
  }

  start(): void {
    if (this.#intervalMs > 0) this.#askDue()
  }

  stop(): void {
    this.#tick?.cancel()
    for (const timer of this.#waiting) timer.cancel()
    this.#waiting.clear()
  }

  of(key: string): QualifyResult {
    return this.#known.get(key) ?? UNKNOWN
  }

  #askDue(): void {
    const { clock } = this.#core
    const nowMs = clock.nowMs()
    const known = new Map<string, Subject>()
    for (const subject of this.#subjects()) {
      const state = this.#known.get(subject.key) ?? this.#fresh(subject, nowMs)
      known.set(subject.key, state)
      if (state.dueAtMs <= nowMs && !state.isAsking) this.#ask(subject, state)
    }
    this.#known = known
    this.#tick = clock.after(TICK_MS, () => this.#askDue())
  }

  /** Trunks are asked at once; thousands of phones one after the other. */
  #fresh({ mustAnswer }: QualifySubject, nowMs: number): Subject {
    const waitMs = mustAnswer ? 0 : this.#core.random.below(this.#intervalMs)
    return { state: 'unknown', roundTripMs: undefined, dueAtMs: nowMs + waitMs, isAsking: false }
  }

  #ask(subject: QualifySubject, known: Subject): void {
    known.isAsking = true
    subject.targets((result) => {
      if (!isTargets(result)) return this.#settle(subject, known, undefined)
      const [target] = result
      const flow = this.#core.locator.flow(target!)
      if (flow instanceof Error) this.#settle(subject, known, undefined)
      else this.#send(subject, known, target!, flow)
    })
  }

  #send(subject: QualifySubject, known: Subject, target: Target, flow: Flow): void {
    const { clock, locator } = this.#core
    const sentAtMs = clock.nowMs()
    const done = (isThere: boolean) => {
      timeout.cancel()
      this.#waiting.delete(timeout)
      if (isThere) locator.reachability.answered(target)
      else locator.reachability.failed(target)
      this.#settle(subject, known, isThere ? clock.nowMs() - sentAtMs : undefined)
    }
    const timeout = clock.after(ANSWER_TIMEOUT_MS, () => {
      options.transaction.abandon()
      done(false)
    })
    this.#waiting.add(timeout)
    const user = {
      onResponse: ({ status }: SipResponse) => status >= 200 && done(status !== 503 && status !== 408),
      onFailure: () => done(false),
    }
    const options = new AuthenticatedRequest(this.#core, this.#build(subject, flow), flow, user, {
      nextSequence: () => 2,
    })
  }

  #settle(subject: QualifySubject, known: Subject, roundTripMs: number | undefined): void {
    known.isAsking = false
    known.roundTripMs = roundTripMs
    const before = known.state
    if (roundTripMs !== undefined) known.state = 'reachable'
    else if (subject.mustAnswer || before !== 'unknown') known.state = 'unreachable'
    const waitMs = known.state === 'unreachable' ? Math.min(RETRY_MS, this.#intervalMs) : this.#intervalMs
    known.dueAtMs = this.#core.clock.nowMs() + waitMs
    if (known.state !== before) this.#onChange(subject, known.state)
  }

  #build({ uri, routes }: QualifySubject, flow: Flow): OutgoingRequest {
    const own = formatUri(sipUri('tandem', bracketed(this.#core.advertised.toward(flow))))
    const headers = new Headers()
    for (const route of routes) headers.append('Route', route)
    headers
      .append('Max-Forwards', '70')
      .append('From', `<${own}>;tag=${newTag(this.#core)}`)
      .append('To', `<${uri}>`)
      .append('Call-ID', newCallId(this.#core))
      .append('CSeq', '1 OPTIONS')
      .append('Accept', 'application/sdp')
      .append('User-Agent', this.#core.product)
    return makeRequest('OPTIONS', uri, headers)
  }
}
