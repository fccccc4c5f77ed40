import type { DtlsClient, RTCCertificate, RTCDtlsTransport, RTCSctpTransport } from 'werift'

const SCTP_PORT = 5000
const STREAM = 0
const BINARY_PPID = 53
/** Neither resent nor held back for another: late speech is of no use (docs/protocol/relay.md). */
const AS_DATAGRAM = { ordered: false, maxRetransmits: 0 }
/** Ends werift's loop of handshake retransmissions, which looks at this number and has no other switch. */
const AFTER_THE_LAST_FLIGHT = 99

export interface DtlsSctpOptions {
  /** Sends one datagram to the relay. */
  readonly send: (datagram: Uint8Array) => void
  /** The DTLS handshake is done; returns why the relay's certificate (DER) is not taken, if it is not. */
  readonly judge: (certificate: Uint8Array) => string | undefined
  readonly onOpen: () => void
  /** One message of stream 0. Valid during the call only. */
  readonly onMessage: (message: Uint8Array) => void
  /** It is over, for the relay's reasons or for a broken handshake. May come more than once. */
  readonly onEnd: (reason: string) => void
}

let certificate: Promise<RTCCertificate> | undefined

/**
 * The calling end of DTLS 1.2 and SCTP over datagrams, from the parts of werift, which is loaded with the first one.
 * The relay is not trusted to be sane: of werift only what does not throw outside of a promise is let near its bytes.
 */
export class DtlsSctp {
  readonly #options: DtlsSctpOptions
  readonly #dtls: DtlsClient
  readonly #association: RTCSctpTransport
  readonly #deliver: { onData: (datagram: Buffer) => void }
  #ended = false

  static async create(options: DtlsSctpOptions): Promise<DtlsSctp> {
    const werift = await import('werift')
    certificate ??= werift.RTCDtlsTransport.SetupCertificate()
    return new DtlsSctp(options, werift, await certificate)
  }

  private constructor(options: DtlsSctpOptions, werift: typeof import('werift'), own: RTCCertificate) {
    this.#options = options
    const transport = {
      type: 'udp',
      address: { address: '', port: 0, family: 'IPv4' },
      closed: false,
      onData: (_datagram: Buffer) => {},
      send: async (datagram: Buffer) => {
        if (!this.#ended) options.send(datagram)
      },
      close: async () => {},
    }
    this.#deliver = transport
    this.#dtls = new werift.DtlsClient({
      transport,
      cert: own.certPem,
      key: own.privateKey,
      signatureHash: own.signatureHash,
      extendedMasterSecret: true,
    })
    const link = {
      id: 'relay',
      onStateChange: new werift.Event<['closed']>(),
      iceTransport: { role: 'controlling' },
      dataReceiver: async (_data: Buffer) => {},
      sendData: (data: Buffer) => this.#dtls.send(data).catch((error) => this.#end(String(error))),
    }
    this.#association = new werift.RTCSctpTransport(SCTP_PORT)
    // What RTCSctpTransport uses of a DTLS transport; a whole one would bring its own ICE agent.
    this.#association.setDtlsTransport(link as unknown as RTCDtlsTransport)
    this.#listen(link)
  }

  /** Begins the handshake. */
  connect(): void {
    this.#dtls.connect().catch((error) => this.#end(String(error)))
  }

  /** Takes a datagram of the relay; one that is not DTLS is dropped. */
  receive(datagram: Uint8Array): void {
    if (this.#ended) return
    try {
      this.#deliver.onData(Buffer.from(datagram))
    } catch {
      // werift throws on records that are cut; DTLS drops them silently (RFC 6347, section 4.1.2.7).
    }
  }

  /** Messages that have not left yet. */
  get waiting(): number {
    return this.#association.sctp.outboundQueue.length
  }

  send(message: Uint8Array): void {
    // Copied: werift keeps the buffer until it is acknowledged or given up.
    const sent = this.#association.sctp.send(STREAM, BINARY_PPID, Buffer.from(message), AS_DATAGRAM)
    sent.catch((error) => this.#end(String(error)))
  }

  /** Says goodbye to the relay, and stops all timers but the one between two handshake flights, which ends by itself. */
  async close(): Promise<void> {
    if (this.#ended) return
    await this.#association.stop().catch(() => {})
    this.#ended = true
    this.#dtls.dtls.flight = AFTER_THE_LAST_FLIGHT
  }

  #listen(link: { dataReceiver: (data: Buffer) => Promise<void> }): void {
    const { sctp } = this.#association
    // werift's own reader of data channels throws at messages that it does not expect.
    sctp.onReceive.allUnsubscribe()
    sctp.onReceive.subscribe((stream, ppid, message) => {
      if (stream === STREAM && ppid === BINARY_PPID) this.#options.onMessage(message)
    })
    sctp.stateChanged.connected.subscribe(() => this.#options.onOpen())
    sctp.stateChanged.closed.subscribe(() => this.#end('association ended'))
    this.#dtls.onConnect.subscribe(() => this.#onConnect())
    this.#dtls.onData.subscribe((data) => void link.dataReceiver(data).catch(() => {}))
    this.#dtls.onError.subscribe((error) => this.#end(String(error)))
    this.#dtls.onClose.subscribe(() => this.#end('DTLS ended'))
  }

  #onConnect(): void {
    const objection = this.#options.judge(this.#dtls.remoteCertificate ?? new Uint8Array(0))
    if (objection === undefined) this.#association.start(SCTP_PORT).catch((error) => this.#end(String(error)))
    else this.#end(objection)
  }

  #end(reason: string): void {
    if (!this.#ended) this.#options.onEnd(reason)
  }
}
