import { expect } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { CallCause } from '../../src/bridge/cause.ts'
import { IncomingSipLeg } from '../../src/bridge/incoming-sip-leg.ts'
import type { LegEvent } from '../../src/bridge/leg.ts'
import { OutgoingSipLeg } from '../../src/bridge/outgoing-sip-leg.ts'
import type { SipLeg, SipLegOptions } from '../../src/bridge/sip-leg.ts'
import { PortRange } from '../../src/media/rtp/port-range.ts'
import { MemoryNetwork } from '../../src/net/memory-network.ts'
import type { UdpSocket } from '../../src/net/network.ts'
import type { CallTarget, InviteOptions } from '../../src/sip/sip-engine.ts'
import { context, FakeSession, GATEWAY, until } from './fakes.ts'

const PBX = '10.0.0.1'
const PBX_PORT = 4000
export const RTP_PORT = 10_000
export const TIMEOUT_MS = 3000
export const RING_MS = 60_000
const TRUNK: CallTarget = { kind: 'trunk', trunk: 'pbx', user: '200' }

export const pbxSdp = (direction = 'sendrecv', codec = '8 PCMA/8000', port = PBX_PORT) =>
  `v=0\r\no=- 1 1 IN IP4 ${PBX}\r\ns=-\r\nc=IN IP4 ${PBX}\r\nt=0 0\r\n` +
  `m=audio ${port} RTP/AVP ${codec.split(' ')[0]}\r\na=rtpmap:${codec}\r\na=${direction}\r\n`
export const UNKNOWN_CODEC = '99 SPEEX/8000'

/** Everything around one leg: a network in memory with a phone's sockets, and the leg's events. */
export class Line {
  readonly clock = new VirtualClock()
  readonly network = new MemoryNetwork(this.clock, seededRandom(1))
  readonly session = new FakeSession()
  readonly events: LegEvent[] = []
  readonly ports: PortRange
  /** RTP packets that came to the phone. */
  heard = 0
  invited: InviteOptions | undefined
  leg!: SipLeg
  #phone: readonly UdpSocket[] = []

  constructor(ports = new PortRange(RTP_PORT, RTP_PORT + 3)) {
    this.ports = ports
  }

  get options(): SipLegOptions {
    return {
      clock: this.clock,
      audio: {
        network: this.network,
        clock: this.clock,
        random: seededRandom(2),
        address: GATEWAY,
        ports: this.ports,
        codecs: ['G722', 'PCMA'],
        srtp: 'off',
        allowInsecureSrtp: false,
        holdSound: 'silence',
        detectDtmf: false,
      },
      mediaTimeoutMs: TIMEOUT_MS,
      answerTimeoutMs: RING_MS,
      transfers: { dial: () => undefined, takeOver: () => this.leg },
      transferAsked: new WeakMap(),
    }
  }

  take(offer: string | undefined = pbxSdp()): this {
    this.session.offer = offer
    return this.#watch(new IncomingSipLeg(this.session, this.options, context()))
  }

  takeWithoutOffer(): this {
    return this.#watch(new IncomingSipLeg(this.session, this.options, context()))
  }

  dial(target = TRUNK): this {
    const sip = {
      invite: (_: CallTarget, options: InviteOptions) => {
        this.invited = options
        this.session.sdp = options.offer(GATEWAY, false)
        return this.session
      },
    }
    return this.#watch(new OutgoingSipLeg(sip, { target, caller: { user: '49151' } }, this.options, context()))
  }

  #watch(leg: SipLeg): this {
    this.leg = leg
    leg.events.on((event) => this.events.push(event))
    return this
  }

  async openPhone(): Promise<void> {
    const options = { address: PBX, onDatagram: () => {} }
    const onDatagram = () => void this.heard++
    this.#phone = await Promise.all([
      this.network.udp({ ...options, port: PBX_PORT, onDatagram }),
      this.network.udp({ ...options, port: PBX_PORT + 1 }),
    ])
  }

  async answered(): Promise<this> {
    await this.openPhone()
    if (!this.leg) this.take()
    this.leg.answer()
    await this.hearing()
    return this
  }

  /** The phone hears the leg. */
  async hearing(): Promise<void> {
    const before = this.heard
    while (this.heard === before) await this.clock.advance(20)
  }

  async established(sdp = pbxSdp()): Promise<this> {
    await this.openPhone()
    await until(() => this.invited !== undefined)
    this.session.events.emit({ type: 'established', sdp })
    await until(() => this.events.some(({ type }) => type === 'answered' || type === 'ended'))
    return this
  }

  /** The phone says by RTCP that it is there: an empty receiver report (RFC 3550, section 6.4.2) and a name. */
  report(): void {
    const empty = [0x80, 201, 0, 1, 0, 0, 0, 9]
    const name = [0x81, 202, 0, 3, 0, 0, 0, 9, 1, 1, 0x61, 0, 0, 0, 0, 0]
    this.#phone[1].send(Uint8Array.from([...empty, ...name]), { address: GATEWAY, port: RTP_PORT + 1 })
  }

  /** Ended for exactly this cause, and nothing of it is left. */
  async expectOver(cause: CallCause): Promise<void> {
    const ends = this.events.filter(({ type }) => type === 'ended')
    expect(ends).toEqual([{ type: 'ended', cause }])
    await this.expectNothingLeft()
  }

  async expectNothingLeft(): Promise<void> {
    await this.leg.end('normal')
    await Promise.all(this.#phone.map((socket) => socket.close()))
    await until(() => this.network.openSockets === 0)
    await this.clock.advance(0)
    expect(this.clock.pendingTimers).toBe(0)
    expect(this.ports.available).toBe(2)
  }
}
