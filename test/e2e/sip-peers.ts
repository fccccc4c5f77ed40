import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { UdpSocket } from '../../src/net/network.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import type { SipResponse } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parser.ts'
import type { ExtraHeader, Party, SessionEnd, SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { SipUserAgent } from '../../src/sip/user-agent.ts'
import { LOOPBACK, PHONE } from './house.ts'

/** A SIP phone that offers whatever codec line it is told, for example `18 G729/8000`, and has the password it is told. */
export async function agentWithOffer(sipPort: number, rtpmap: string, password: string = PHONE.password) {
  const registrar = `${LOOPBACK}:${sipPort}`
  const registrations = [{ name: 'gateway', registrar, username: PHONE.username, password, expiresS: 300 }]
  const agent = newAgent(LOOPBACK, { registrations })
  await agent.start()
  return {
    invite: (user: string) =>
      new Promise<SessionEnd>((resolve) => {
        const session = agent.invite(
          { kind: 'trunk', trunk: 'gateway', user },
          { caller: { user: PHONE.username }, offer: offerOf(rtpmap) },
        )
        session.events.on((event) => event.type === 'ended' && resolve(event.end))
      }),
    stop: () => agent.stop(),
  }
}

/** A PBX that has nothing but its address to be known by. */
export async function trunkAt(address: string, sipPort: number) {
  const target = `${LOOPBACK}:${sipPort}`
  const agent = newAgent(address, { staticTrunks: [{ name: 'gateway', networks: [], target }] })
  await agent.start()
  return {
    /** A call that is ended as soon as it is answered. */
    call: (user: string, caller: Party, headers: readonly ExtraHeader[]) =>
      new Promise<SessionEnd>((resolve) => {
        const target = { kind: 'trunk', trunk: 'gateway', user } as const
        const session = agent.invite(target, { caller, offer: offerOf('8 PCMA/8000'), headers })
        session.events.on((event) => {
          if (event.type === 'established') session.end()
          if (event.type === 'ended') resolve(event.end)
        })
      }),
    stop: () => agent.stop(),
  }
}

function newAgent(address: string, peers: Partial<Pick<SipUserAgentOptions, 'registrations' | 'staticTrunks'>>) {
  return new SipUserAgent(
    {
      listeners: [{ transport: 'udp', address, port: 0 }],
      realm: 'peer',
      product: 'peer',
      users: [],
      registrations: [],
      staticTrunks: [],
      ...peers,
    },
    { clock: systemClock, network: new NodeNetwork(silentLogger), logger: silentLogger, random: systemRandom },
  )
}

const offerOf = (rtpmap: string) => (address: string) =>
  [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio 40000 RTP/AVP ${rtpmap.split(' ')[0]}`,
    `a=rtpmap:${rtpmap}`,
    '',
  ].join('\r\n')

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
