import { Signal } from '../../src/base/events.ts'
import type { Endpoint } from '../../src/net/network.ts'
import type { RelayCandidate, RelayTransport, RelayTransportEvent } from '../../src/relay/relay-transport.ts'
import { buildStun, parseStun, STUN_TYPE } from '../../src/relay/stun.ts'

/** A transport whose far end is the test. */
export class ScriptedTransport implements RelayTransport {
  readonly events = new Signal<RelayTransportEvent>()
  readonly localUfrag = 'ZzB0'
  readonly candidate: RelayCandidate
  readonly endpoint: Endpoint
  readonly sent: Uint8Array[] = []
  state: RelayTransport['state'] = 'connecting'
  /** Answers to pings and registrations; undefined says nothing. */
  answer: 'yes' | 'no' | undefined
  #handler: (message: Uint8Array) => void = () => {}

  constructor(candidate: RelayCandidate, endpoint: Endpoint, answer: ScriptedTransport['answer']) {
    this.candidate = candidate
    this.endpoint = endpoint
    this.answer = answer
  }

  get sentTypes(): number[] {
    return this.sent.map((message) => (message[0] << 8) | message[1])
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
  }

  send(message: Uint8Array): boolean {
    if (this.state !== 'open') return false
    this.sent.push(message.slice())
    if (message[0] < 4 || message[0] === 8) this.#reply(message)
    return true
  }

  async close(): Promise<void> {
    this.state = 'closed'
  }

  open(): void {
    this.state = 'open'
    this.events.emit({ type: 'open' })
  }

  lose(reason: string): void {
    this.state = 'closed'
    this.events.emit({ type: 'lost', reason })
  }

  receive(message: Uint8Array): void {
    this.#handler(message)
  }

  #reply(message: Uint8Array): void {
    const { type, transactionId } = parseStun(message)
    if (this.answer === undefined) return
    if (type === STUN_TYPE.ping) this.receive(buildStun(STUN_TYPE.pong, transactionId))
    if (type !== STUN_TYPE.allocateRequest) return
    const error = { type: 0x0009, value: Uint8Array.of(0, 0, 4, 3) }
    if (this.answer === 'yes') this.receive(buildStun(STUN_TYPE.allocateSuccess, transactionId))
    else this.receive(buildStun(STUN_TYPE.allocateError, transactionId, [error]))
  }
}
