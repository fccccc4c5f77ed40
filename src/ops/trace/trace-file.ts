import { createWriteStream, type WriteStream } from 'node:fs'
import type { Logger } from '../../base/logger.ts'
import type { TraceEvent, Tracer } from '../../base/tracer.ts'
import { Redactor } from './redactor.ts'
import { sipRecord } from './sip-record.ts'
import { stanzaRecord } from './stanza-record.ts'
import { callIdOfStanza, type TraceBody } from './trace-record.ts'

export interface TraceFileOptions {
  readonly path: string
  /** Name and version of the program. */
  readonly product: string
  readonly log: Logger
  readonly wallMs?: () => number
  /** The trace ends itself here. Default 200 MB: some hours of calls. */
  readonly maxBytes?: number
}

/** Call-ids whose correlation id is remembered. */
const REMEMBERED = 1024
const MAX_BYTES = 200_000_000

/**
 * A tracer that writes JSON lines, redacted, to a file with mode 0600. Off until `start`; on and off at any time. While it
 * is off, `isOn` is all that anybody asks of it.
 */
export class TraceFile implements Tracer {
  readonly #options: TraceFileOptions
  readonly #redactor = new Redactor()
  /** Call-ids of both sides to correlation ids, both redacted. */
  readonly #calls = new Map<string, string>()
  #stream: WriteStream | undefined
  #closing: Promise<void> = Promise.resolve()
  #bytes = 0

  constructor(options: TraceFileOptions) {
    this.#options = options
  }

  get isOn(): boolean {
    return this.#stream !== undefined
  }

  /** Appends to the file from now on. */
  start(): void {
    if (this.#stream) return
    const { path, product, log } = this.#options
    const stream = createWriteStream(path, { flags: 'a', mode: 0o600 })
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#stream === stream) this.#stream = undefined
      log.error({ path, reason: error.code }, 'the trace cannot be written')
    })
    this.#stream = stream
    this.#bytes = 0
    this.#write({ what: 'begin', product, version: 1 })
    log.info({ path }, 'trace on')
  }

  /** Resolves when everything is in the file. */
  stop(): Promise<void> {
    this.#end('off')
    return this.#closing
  }

  toggle(): void {
    if (this.isOn) void this.stop()
    else this.start()
  }

  /** Which call a call-id belongs to is noted even while the trace is off: calls outlast its being switched. */
  record(event: TraceEvent): void {
    if (event.what === 'leg') this.#remember(this.#redactor.id(event.callId), event.correlationId)
    if (!this.#stream) return
    this.#write(this.#bodyOf(event))
    if (this.#bytes > (this.#options.maxBytes ?? MAX_BYTES)) this.#end('full')
  }

  #end(reason: 'off' | 'full'): void {
    const stream = this.#stream
    if (!stream) return
    this.#write({ what: 'end', reason })
    this.#stream = undefined
    this.#closing = new Promise((resolve) => {
      stream.once('close', () => resolve())
      stream.end()
    })
    this.#options.log.info({ path: this.#options.path, reason }, 'trace off')
  }

  #bodyOf(event: TraceEvent): TraceBody {
    switch (event.what) {
      case 'sip': {
        const { what, direction, transport, remote } = event
        const message = sipRecord(event.message, this.#redactor)
        const at = `${remote.address}:${remote.port}`
        return { what, call: this.#callOf(message.callId), direction, transport, remote: at, message }
      }
      case 'stanza': {
        const { what, direction } = event
        const node = stanzaRecord(event.node, this.#redactor)
        const call = this.#callOf(callIdOfStanza(node))
        return { what, call, direction, account: this.#redactor.account(event.account), node }
      }
      case 'account':
        return { ...event, account: this.#redactor.account(event.account) }
      default:
        return this.#bodyOfCall(event)
    }
  }

  #bodyOfCall({ correlationId, ...event }: Extract<TraceEvent, { correlationId: string }>): TraceBody {
    const call = this.#redactor.correlationId(correlationId)
    switch (event.what) {
      case 'leg':
        return { ...event, call, callId: this.#redactor.id(event.callId) }
      case 'call':
        return { ...event, call, account: this.#redactor.account(event.account) }
      case 'stun':
        return { ...event, call, type: `0x${event.type.toString(16).padStart(4, '0')}` }
      default:
        return { ...event, call }
    }
  }

  #callOf(callId: string | undefined): string | undefined {
    return callId === undefined ? undefined : this.#calls.get(callId)
  }

  #remember(callId: string, correlationId: string): void {
    this.#calls.set(callId, this.#redactor.correlationId(correlationId))
    if (this.#calls.size > REMEMBERED) this.#calls.delete(this.#calls.keys().next().value!)
  }

  #write(body: TraceBody): void {
    const at = new Date(this.#options.wallMs?.() ?? Date.now()).toISOString()
    const line = `${JSON.stringify({ at, ...body })}\n`
    this.#bytes += line.length
    this.#stream?.write(line)
  }
}
