import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { UdpSocket } from '../../src/net/network.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import type { SipResponse } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parser.ts'
import type { SessionEnd } from '../../src/sip/sip-engine.ts'
import { SipUserAgent } from '../../src/sip/user-agent.ts'
import { LOOPBACK, PHONE } from './house.ts'

/** A SIP phone that offers whatever codec line it is told, for example `18 G729/8000`, and has the password it is told. */
export async function agentWithOffer(sipPort: number, rtpmap: string, password: string = PHONE.password) {
  const [payloadType] = rtpmap.split(' ')
  const registrar = `${LOOPBACK}:${sipPort}`
  const agent = new SipUserAgent(
    {
      listeners: [{ transport: 'udp', address: LOOPBACK, port: 0 }],
      realm: 'peer',
      product: 'peer',
      users: [],
      registrations: [{ name: 'gateway', registrar, username: PHONE.username, password, expiresS: 300 }],
      staticTrunks: [],
    },
    { clock: systemClock, network: new NodeNetwork(silentLogger), logger: silentLogger, random: systemRandom },
  )
  await agent.start()
  const offer = (address: string) =>
    [
      'v=0',
      `o=- 1 1 IN IP4 ${address}`,
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      `m=audio 40000 RTP/AVP ${payloadType}`,
      `a=rtpmap:${rtpmap}`,
      '',
    ].join('\r\n')
  return {
    invite: (user: string) =>
      new Promise<SessionEnd>((resolve) => {
        const session = agent.invite(
          { kind: 'trunk', trunk: 'gateway', user },
          { caller: { user: PHONE.username }, offer },
        )
        session.events.on((event) => event.type === 'ended' && resolve(event.end))
      }),
    stop: () => agent.stop(),
  }
}

/** A peer that sends what no SIP stack would, and waits for answers. */
export class RawSip {
  readonly #to: { address: string; port: number }
  #socket!: UdpSocket
  readonly #waiting = new Map<string, (answer: SipResponse) => void>()

  private constructor(port: number) {
    this.#to = { address: LOOPBACK, port }
  }

  static async open(port: number): Promise<RawSip> {
    const peer = new RawSip(port)
    const onDatagram = (datagram: Uint8Array) => {
      const message = parseMessage(datagram)
      if (message.kind !== 'response') return
      peer.#waiting.get(message.headers.get('Call-ID') ?? '')?.(message)
    }
    peer.#socket = await new NodeNetwork(silentLogger).udp({ address: LOOPBACK, port: 0, onDatagram })
    return peer
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#to)
  }

  /** Sends a request with the usual fields and resolves with its answer. */
  request(method: string, uri: string, extra: readonly string[] = []): Promise<SipResponse> {
    const { address, port } = this.#socket.local
    const id = Buffer.from(systemRandom.bytes(8)).toString('hex')
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:${port};rport;branch=z9hG4bK${id}`,
      'Max-Forwards: 70',
      `From: <sip:peer@${address}>;tag=${id}`,
      `To: <${uri}>`,
      `Call-ID: ${id}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:peer@${address}:${port}>`,
      ...extra,
      'Content-Length: 0',
    ]
    this.send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`))
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}
