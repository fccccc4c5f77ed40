import {
  DtlsServer,
  Event,
  type RTCCertificate,
  RTCDataChannel,
  RTCDataChannelParameters,
  type RTCDtlsTransport,
  RTCSctpTransport,
} from 'werift'

const SCTP_PORT = 5000
const PRE_NEGOTIATED = new RTCDataChannelParameters({
  label: 'pre-negotiated',
  id: 0,
  negotiated: true,
  ordered: false,
  maxRetransmits: 0,
})

export interface DataChannelOptions {
  readonly certificate: RTCCertificate
  /** Stream 0 is agreed in advance, and carries datagrams; otherwise the client announces its channel in band. */
  readonly negotiated: boolean
  /** Sends one datagram to the client. */
  readonly send: (datagram: Uint8Array) => void
  readonly onMessage: (message: Uint8Array) => void
  /** The client said goodbye, or the handshake failed. */
  readonly onEnd: () => void
}

/**
 * The answering end of one data channel: DTLS server, SCTP, and the client's channel, from the parts of werift. In ICE mode
 * the client side in `src/relay` is libdatachannel, so a mistake of one of them does not hide behind the other; in raw
 * mode both are werift's.
 */
export class DataChannelSession {
  readonly #dtls: DtlsServer
  readonly #sctp = new RTCSctpTransport(SCTP_PORT)
  readonly #deliver: { onData: (datagram: Buffer) => void }
  #channel: RTCDataChannel | undefined
  #ended = false

  constructor({ certificate, negotiated, send, onMessage, onEnd }: DataChannelOptions) {
    const transport = {
      type: 'udp',
      address: { address: '', port: 0, family: 'IPv4' },
      closed: false,
      onData: (_datagram: Buffer) => {},
      send: async (datagram: Buffer) => send(datagram),
      close: async () => {},
    }
    this.#deliver = transport
    this.#dtls = new DtlsServer({
      transport,
      cert: certificate.certPem,
      key: certificate.privateKey,
      signatureHash: certificate.signatureHash,
      extendedMasterSecret: true,
    })
    const link = {
      id: 'sim-relay',
      onStateChange: new Event<['closed']>(),
      iceTransport: { role: 'controlled' },
      dataReceiver: async (_data: Buffer) => {},
      sendData: (data: Buffer) => this.#dtls.send(data).catch(onEnd),
    }
    // What RTCSctpTransport uses of a DTLS transport; a whole one would bring its own ICE agent.
    this.#sctp.setDtlsTransport(link as unknown as RTCDtlsTransport)
    this.#dtls.onConnect.subscribe(() => void this.#sctp.start(SCTP_PORT).catch(onEnd))
    this.#dtls.onData.subscribe((data) => void link.dataReceiver(data).catch(() => {}))
    this.#dtls.onError.subscribe(onEnd)
    this.#dtls.onClose.subscribe(onEnd)
    const use = (channel: RTCDataChannel) => {
      this.#channel = channel
      channel.onMessage.subscribe((message) => onMessage(typeof message === 'string' ? Buffer.from(message) : message))
    }
    this.#sctp.onDataChannel.subscribe(use)
    if (negotiated) use(new RTCDataChannel(this.#sctp, PRE_NEGOTIATED))
  }

  /** Takes a datagram of the client; one that is not DTLS is dropped. */
  receive(datagram: Uint8Array): void {
    if (this.#ended) return
    try {
      this.#deliver.onData(Buffer.from(datagram))
    } catch {
      // werift throws on records that are cut; DTLS drops them silently (RFC 6347, section 4.1.2.7).
    }
  }

  send(message: Uint8Array): void {
    if (this.#ended || this.#channel?.readyState !== 'open') return
    this.#channel.send(Buffer.from(message))
  }

  async close(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await this.#sctp.stop()
  }
}
