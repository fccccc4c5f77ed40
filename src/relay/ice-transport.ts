import { cleanup, type DataChannel, PeerConnection } from 'node-datachannel'
import { ProtocolError } from '../base/errors.ts'
import { Signal } from '../base/events.ts'
import type { Endpoint } from '../net/network.ts'
import { iceCredentials } from './ice-credentials.ts'
import { MAX_MESSAGE_BYTES, mungedAnswer, RELAY_DTLS_FINGERPRINT } from './munged-answer.ts'
import type { RelayCandidate, RelayConnector, RelayTransport, RelayTransportEvent } from './relay-transport.ts'

const CHANNEL_LABEL = 'wa-web-call'

/** About three seconds of speech: more than that waits only for a relay that is gone. */
const MAX_WAITING_BYTES = 8192

const LOCAL_UFRAG = /^a=ice-ufrag:(\S+)/m

export interface IceTransportOptions {
  /** The local address to send from; the system's choice when absent. */
  readonly localAddress?: string | undefined
  /** The relays' certificate as SDP writes it; undefined takes any. */
  readonly dtlsFingerprint: string | undefined
}

/** Dials relays over ICE, DTLS and SCTP with libdatachannel. */
export function iceConnector(options: IceTransportOptions): RelayConnector {
  return (candidate, endpoint) => new IceTransport(candidate, endpoint, options)
}

/** Ends the threads of libdatachannel, once no transport is left. For the end of the process. */
export function endIceThreads(): void {
  cleanup()
}

/**
 * A data channel to one relay. The relay answers no SDP; its answer is made from our offer (`mungedAnswer`).
 *
 * libdatachannel ends the process on a local ICE credential that it does not like, so we never set one; everything
 * that comes from the network is checked before it gets near an SDP.
 */
class IceTransport implements RelayTransport {
  readonly events = new Signal<RelayTransportEvent>()
  readonly localUfrag: string
  #state: RelayTransport['state'] = 'connecting'
  #handler: (message: Uint8Array) => void = () => {}
  readonly #connection: PeerConnection
  #channel: DataChannel | undefined
  readonly #ended: Promise<void>

  constructor(candidate: RelayCandidate, endpoint: Endpoint, options: IceTransportOptions) {
    const credentials = iceCredentials(candidate)
    const { dtlsFingerprint, localAddress } = options
    // An SDP has to name a certificate even when none is looked at.
    const named = dtlsFingerprint ?? RELAY_DTLS_FINGERPRINT
    this.#connection = new PeerConnection('relay', {
      iceServers: [],
      maxMessageSize: MAX_MESSAGE_BYTES,
      disableFingerprintVerification: dtlsFingerprint === undefined,
      ...(localAddress === undefined ? {} : { bindAddress: localAddress }),
    })
    this.#ended = new Promise((resolve) => {
      this.#connection.onStateChange((state) => {
        if (state === 'closed') resolve()
        if (state === 'closed' || state === 'failed') this.#lose(`connection ${state}`)
      })
    })
    try {
      this.#channel = this.#openChannel()
      const offer = this.#connection.localDescription()?.sdp ?? ''
      this.localUfrag = LOCAL_UFRAG.exec(offer)?.[1] ?? ''
      this.#connection.setRemoteDescription(mungedAnswer(offer, endpoint, credentials, named), 'answer')
    } catch (cause) {
      this.#state = 'closed'
      this.#hangUp()
      if (cause instanceof ProtocolError) throw cause
      throw new ProtocolError('relay.ice', `cannot dial a relay: ${String(cause)}`, {}, { cause })
    }
  }

  get state(): RelayTransport['state'] {
    return this.#state
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
  }

  send(message: Uint8Array): boolean {
    const channel = this.#channel
    if (this.#state !== 'open' || channel === undefined || message.length === 0 || message.length > MAX_MESSAGE_BYTES)
      return false
    try {
      if (channel.bufferedAmount() > MAX_WAITING_BYTES) return false
      return channel.sendMessageBinary(message)
    } catch {
      // The channel closed on another thread; its event is on its way.
      return false
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    this.#hangUp()
    await this.#ended
  }

  /** The channel first: one that never opened keeps its callbacks, and with them the process, for ever otherwise. */
  #hangUp(): void {
    this.#channel?.close()
    this.#connection.close()
  }

  #openChannel(): DataChannel {
    const channel = this.#connection.createDataChannel(CHANNEL_LABEL, { unordered: true })
    channel.onOpen(() => this.#open())
    channel.onClosed(() => this.#lose('channel closed'))
    channel.onError((reason) => this.#lose(reason))
    channel.onMessage((message) => {
      if (this.#state !== 'open' || typeof message === 'string') return
      this.#handler(message instanceof ArrayBuffer ? new Uint8Array(message) : message)
    })
    return channel
  }

  #open(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'open'
    this.events.emit({ type: 'open' })
  }

  #lose(reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#hangUp()
    this.events.emit({ type: 'lost', reason })
  }
}
