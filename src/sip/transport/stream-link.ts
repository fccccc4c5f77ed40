import type { Clock, Timer } from '../../base/clock.ts'
import type { ProtocolError } from '../../base/errors.ts'
import type { Endpoint, StreamConnection, StreamHandlers } from '../../net/network.ts'
import { MessageFramer } from './message-framer.ts'

export interface StreamLinkOptions {
  readonly clock: Clock
  readonly maxMessageBytes: number
  /** How often a connection of ours is kept alive; 0 never. */
  readonly keepaliveMs: number
  readonly onMessage: (bytes: Uint8Array, link: StreamLink) => void
  readonly onClosed: (link: StreamLink, error: ProtocolError | undefined) => void
}

/** A message that has begun, and the first one on a connection from outside, must be there within this. */
const PATIENCE_MS = 30_000
/** Longer than the longest usual registration: who is silent for so long has gone. */
const IDLE_MS = 3_900_000
/** RFC 5626 §4.4.1 */
const PONG_TIMEOUT_MS = 10_000
const PING = Buffer.from('\r\n\r\n')
const PONG = Buffer.from('\r\n')

/** One connection with what SIP adds: framing, keep-alive, patience, and who wants to know when it breaks. */
export class StreamLink implements StreamHandlers {
  readonly #options: StreamLinkOptions
  readonly #framer: MessageFramer
  readonly #failureHandlers = new Set<() => void>()
  readonly #isOurs: boolean
  #connection: StreamConnection | undefined
  #patience: Timer | undefined
  #keepalive: Timer | undefined
  #pong: Timer | undefined
  /** RFC 5626 is optional: only who has answered once must go on answering. */
  #answersPings = false
  #isOpen = true

  constructor(options: StreamLinkOptions, isOurs: boolean) {
    this.#options = options
    this.#isOurs = isOurs
    this.#framer = new MessageFramer(options.maxMessageBytes, {
      onMessage: (bytes) => options.onMessage(bytes, this),
      onPing: () => this.send(PONG),
      onPong: () => this.#receivePong(),
    })
    if (isOurs) this.#scheduleKeepalive()
    else this.#waitFor(PATIENCE_MS)
  }

  attach(connection: StreamConnection): void {
    this.#connection = connection
    if (!this.#isOpen) connection.close()
  }

  get remote(): Endpoint {
    return this.#connection!.remote
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  send(bytes: Uint8Array): void {
    if (this.#isOpen) this.#connection?.send(bytes)
  }

  onFailure(handler: () => void): () => void {
    this.#failureHandlers.add(handler)
    return () => void this.#failureHandlers.delete(handler)
  }

  onData(bytes: Uint8Array) {
    if (!this.#isOpen) return
    if (!this.#framer.push(bytes)) return this.close()
    if (!this.#framer.isWaiting) this.#waitFor(this.#isOurs ? 0 : IDLE_MS)
    else this.#patience ??= this.#options.clock.after(PATIENCE_MS, () => this.close())
  }

  onClosed(error?: ProtocolError): void {
    this.#end(error)
  }

  close(): void {
    const connection = this.#connection
    this.#end(undefined)
    connection?.close()
  }

  #end(error: ProtocolError | undefined): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const timer of [this.#patience, this.#keepalive, this.#pong]) timer?.cancel()
    this.#options.onClosed(this, error)
    const handlers = [...this.#failureHandlers]
    this.#failureHandlers.clear()
    for (const handler of handlers) handler()
  }

  /** 0 waits for ever. */
  #waitFor(delayMs: number): void {
    this.#patience?.cancel()
    this.#patience = delayMs === 0 ? undefined : this.#options.clock.after(delayMs, () => this.close())
  }

  #scheduleKeepalive(): void {
    const { clock, keepaliveMs } = this.#options
    if (keepaliveMs > 0) this.#keepalive = clock.after(keepaliveMs, () => this.#ping())
  }

  #ping(): void {
    this.send(PING)
    if (this.#answersPings) this.#pong = this.#options.clock.after(PONG_TIMEOUT_MS, () => this.close())
    this.#scheduleKeepalive()
  }

  #receivePong(): void {
    this.#answersPings = this.#isOurs
    this.#pong?.cancel()
  }
}
