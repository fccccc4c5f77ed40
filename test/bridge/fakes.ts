import { Signal } from '../../src/base/events.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { noTracer } from '../../src/base/tracer.ts'
import type { CallCause } from '../../src/bridge/cause.ts'
import type { Leg, LegEvent } from '../../src/bridge/leg.ts'
import type { LegContext } from '../../src/bridge/leg-factory.ts'
import type { WhatsAppMediaRequest } from '../../src/bridge/whatsapp-media.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import type {
  EndReason,
  ExtraHeader,
  IncomingSession,
  OutgoingSession,
  SessionEnd,
  SessionEvent,
  SessionOffer,
  SessionPeer,
} from '../../src/sip/sip-engine.ts'
import type { CallEnd, CallEvent } from '../../src/whatsapp/calls/call-event.ts'
import type { IncomingCall } from '../../src/whatsapp/calls/incoming-call.ts'
import type { OutgoingCall } from '../../src/whatsapp/calls/outgoing-call.ts'
import type { RelayLatency } from '../../src/whatsapp/stanza/relaylatency.ts'

export const GATEWAY = '10.0.0.2'
export const context = (): LegContext => ({
  correlationId: 'c1',
  log: silentLogger,
  tracer: noTracer,
  whatsApp: { account: 'main', callId: 'WA1' },
})

/** Resolves when `condition` holds; a codec takes an unknown number of turns of the event loop to be made. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** A leg without a far end: what it was told is in `done`, and a test emits what it should tell. */
export class FakeLeg implements Leg {
  readonly side: Leg['side']
  readonly events = new Signal<LegEvent>()
  readonly audio: AudioSource
  readonly done: string[] = []
  heard: AudioSource | undefined
  /** Resolves when its sockets and timers are gone. */
  closed: Promise<void> = Promise.resolve()

  /** Its far end says `sample` for ever. */
  constructor(side: Leg['side'], sample = 0) {
    this.side = side
    this.audio = { pull: (out) => out.fill(sample) }
  }

  ring() {
    this.done.push('ring')
  }
  answer() {
    this.done.push('answer')
  }
  listenTo(source: AudioSource) {
    this.heard = source
  }
  hold(held: boolean) {
    this.done.push(held ? 'hold' : 'resume')
  }
  dtmf(digit: string, durationMs: number) {
    this.done.push(`dtmf ${digit} ${durationMs}`)
  }
  quality() {
    return undefined
  }
  end(cause: CallCause, retryAfterS?: number) {
    this.done.push(retryAfterS === undefined ? `end ${cause}` : `end ${cause} ${retryAfterS}`)
    return this.closed
  }
}

const written = (word: string, fields: object) =>
  [word, ...Object.entries(fields).map(([key, value]) => `${key}=${value}`)].join(' ')

/** A SIP call without signalling: what it was told is in `told`, and its own end is told as the engine does. */
export class FakeSession implements IncomingSession, OutgoingSession {
  readonly callId = 'sip1'
  readonly localAddress = GATEWAY
  readonly isSecure = false
  readonly remoteParty = { user: '100' }
  readonly to = { user: '200' }
  readonly events = new Signal<SessionEvent>()
  readonly told: string[] = []
  readonly headers: Record<string, string> = {}
  offer: string | undefined
  dialled = '+4915112345678'
  peer: SessionPeer = { kind: 'static-trunk', name: 'pbx' }
  caller = { party: { user: '100' }, isPrivate: false }
  divertedBy: IncomingSession['divertedBy']
  /** Of our last 200, INVITE or answer to a new offer. */
  sdp = ''
  sent: readonly ExtraHeader[] = []
  #onOffer: (offer: SessionOffer) => void = (offer) => offer.reject(488)
  #isOver = false

  onOffer(handler: (offer: SessionOffer) => void) {
    this.#onOffer = handler
  }
  onTransfer() {}
  onReplaced() {}
  get isAnswered() {
    return this.told.includes('accept')
  }
  header(name: string) {
    return this.headers[name]
  }
  ring() {
    this.told.push('ring')
  }
  accept(sdp: string, headers: readonly ExtraHeader[] = []) {
    this.told.push('accept')
    this.sdp = sdp
    this.sent = headers
  }
  reject(status: number, { text: _, ...reason }: EndReason & { readonly retryAfterS?: number } = {}) {
    this.told.push(written(`reject ${status}`, reason))
    this.endBy('local', status)
  }
  end({ text: _, ...reason }: EndReason = {}) {
    this.told.push(written('end', reason))
    this.endBy('local', 200)
  }
  async reoffer(sdp: string) {
    return sdp
  }

  /** A new offer of the far end; what became of it. */
  offerAgain(sdp: string | undefined): string {
    let answer = ''
    this.#onOffer({
      sdp,
      accept: (description) => {
        this.sdp = description
        answer = 'accept'
      },
      reject: (status) => {
        answer = `reject ${status}`
      },
    })
    return answer
  }

  endBy(by: SessionEnd['by'], status: number) {
    if (this.#isOver) return
    this.#isOver = true
    this.events.emit({ type: 'ended', end: { by, status, q850: undefined, reason: '' } })
  }
}

/** A WhatsApp call without stanzas. */
export class FakeCall {
  readonly callId: string = 'WA1'
  readonly callKey = new Uint8Array(32)
  readonly self = '1:7@lid'
  readonly peer = '2@lid'
  readonly caller = '2:3@lid'
  readonly callerName = 'Ada'
  readonly events = new Signal<CallEvent>()
  readonly told: string[] = []
  readonly direction: 'incoming' | 'outgoing'
  callerPn: string | undefined
  voipSettings: OutgoingCall['voipSettings']

  constructor(direction: 'incoming' | 'outgoing') {
    this.direction = direction
  }

  get incoming(): IncomingCall {
    return this as unknown as IncomingCall
  }
  get outgoing(): OutgoingCall {
    return this as unknown as OutgoingCall
  }

  accept() {
    this.told.push('accept')
  }
  terminate() {
    this.#endHere('terminate', 'hung-up-here')
  }
  leave() {
    this.#endHere('leave', 'shutdown')
  }
  reject(reason?: string) {
    this.#endHere(reason === undefined ? 'reject' : `reject ${reason}`, 'declined-here')
  }
  mute(muted: boolean) {
    this.told.push(muted ? 'mute' : 'unmute')
  }
  relayLatency(relays: readonly RelayLatency[]) {
    this.told.push(`bound ${relays.length}`)
  }
  renewTransport() {
    this.told.push('renew')
  }

  #endHere(what: string, cause: CallEnd) {
    this.told.push(what)
    this.events.emit({ type: 'ended', cause })
  }
}

/** The media of a WhatsApp call without relays. */
export class FakeMedia {
  readonly request: WhatsAppMediaRequest
  readonly done: string[] = []
  source: AudioSource | undefined
  redundancy: string | undefined
  lastHeardMs: number | undefined
  openRelays = 1
  finishClosing = () => {}

  constructor(request: WhatsAppMediaRequest) {
    this.request = request
  }

  pull(out: Float32Array) {
    out.fill(0.5)
  }
  listenTo(source: AudioSource) {
    this.source = source
  }
  setPeer(device: string) {
    this.done.push(`peer ${device}`)
  }
  setKey(key: Uint8Array) {
    this.done.push(`key ${key[0]}`)
  }
  useRedundancy(policy: string) {
    this.redundancy = policy
  }
  async speakOpus() {
    this.done.push('opus')
  }
  stats() {
    const playout = { received: 10, lost: 1, late: 2, recovered: 3, concealedMs: 60, jitterMs: 3.4 }
    return { playout, srtp: { malformed: 1, forged: 2, replayed: 40 }, relays: [], sentPackets: 9 }
  }
  close() {
    this.done.push('close')
    return new Promise<void>((resolve) => {
      this.finishClosing = resolve
    })
  }
}
