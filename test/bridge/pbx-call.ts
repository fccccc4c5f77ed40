import { vi } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { noTracer, tracerOfCall } from '../../src/base/tracer.ts'
import { IncomingSipLeg } from '../../src/bridge/incoming-sip-leg.ts'
import type { Leg, LegEvent } from '../../src/bridge/leg.ts'
import type { LegContext } from '../../src/bridge/leg-factory.ts'
import type { SipLegOptions } from '../../src/bridge/sip-leg.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import { PortRange } from '../../src/media/rtp/port-range.ts'
import type { UdpSocket } from '../../src/net/network.ts'
import type { SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { Dialogue } from '../sip/dialogue.ts'
import { BOB } from '../sip/pair.ts'

export const PBX = '10.0.0.9'

/** An SDP as Asterisk 22 writes it; `lines` are the media section's. */
export function sdpOf(port: number, formats: string, lines: readonly string[], version = 1, address = PBX): string {
  return [
    'v=0',
    `o=- 1817 ${version} IN IP4 ${PBX}`,
    's=Asterisk',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${formats}`,
    ...lines,
    '',
  ].join('\r\n')
}

export const PCMU = ['a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16', 'a=ptime:20']

export const CONTEXT: LegContext = {
  correlationId: 'c1',
  log: silentLogger,
  tracer: tracerOfCall(noTracer, 'c1'),
  whatsApp: { account: 'main', callId: 'WA1' },
}

const TONE: AudioSource = {
  pull: (out) => {
    for (let i = 0; i < out.length; i++) out[i] = 0.5 * Math.sin((2 * Math.PI * i) / 32)
  },
}

/** A call from a PBX whose signalling and RTP a test writes byte by byte, as the leg that the bridge sees, in virtual time. */
export class PbxCall {
  readonly dialogue: Dialogue
  readonly events: LegEvent[] = []
  leg!: Leg
  #sockets = new Map<number, UdpSocket>()
  #sequence = 0
  /** RTP datagrams that have come in, by the PBX's port. */
  readonly heard = new Map<number, number>()
  readonly options: SipLegOptions

  private constructor(dialogue: Dialogue, options: Partial<SipLegOptions>) {
    this.dialogue = dialogue
    const { clock, network } = dialogue.pair
    this.options = {
      clock,
      mediaTimeoutMs: 20_000,
      answerTimeoutMs: 60_000,
      transfers: { dial: () => undefined, takeOver: () => this.leg },
      transferAsked: new WeakMap(),
      audio: {
        network,
        clock,
        random: seededRandom(5),
        address: BOB.address,
        ports: new PortRange(10_000, 10_099),
        codecs: ['opus', 'G722', 'PCMA', 'PCMU'],
        srtp: 'accept',
        allowInsecureSrtp: true,
        holdSound: 'silence',
        detectDtmf: false,
      },
      ...options,
    }
  }

  static async start(options: Partial<SipLegOptions> = {}, bob: Partial<SipUserAgentOptions> = {}): Promise<PbxCall> {
    const call = new PbxCall(await Dialogue.start(bob), options)
    call.dialogue.pair.bob.onInvite((session) => {
      call.leg = new IncomingSipLeg(session, call.options, CONTEXT)
      call.leg.events.on((event) => call.events.push(event))
      call.leg.listenTo(TONE)
    })
    return call
  }

  /** The call is answered and both hear each other. */
  async up(sdp = sdpOf(4000, '0 101', PCMU), extra: readonly string[] = []): Promise<string> {
    await this.dialogue.exchange('INVITE', { extra }, sdp)
    this.leg.answer()
    await this.until(() => this.dialogue.peer.statuses.includes(200))
    const toTag = this.dialogue.lastAnswer.to.params.get('tag')!
    await this.dialogue.exchange('ACK', { toTag })
    await this.until(() => this.events.shift()?.type === 'answered')
    return toTag
  }

  async until(condition: () => boolean): Promise<void> {
    // Codecs in WebAssembly are made by other threads, which know nothing of virtual time.
    await vi.waitFor(
      async () => {
        await this.dialogue.advance(1)
        if (!condition()) throw new Error('not within 5 s')
      },
      { timeout: 5000, interval: 1 },
    )
  }

  /** The PBX sends a loud tone from `port` for `ms`; returns the level that the bridge hears in the end. */
  async tone(ms: number, port = 4000, ssrc = 1, marker = false): Promise<number> {
    const socket = await this.#socketAt(port)
    let level = 0
    for (let i = 0; i < ms / 20; i++) {
      const packet = rtp(this.#sequence++, ssrc, marker && i === 0)
      socket.send(packet, { address: BOB.address, port: 10_000 })
      level = await this.#listen()
    }
    return level
  }

  /** Nothing comes from the PBX for `ms`. */
  async silence(ms: number): Promise<number> {
    let level = 0
    for (let i = 0; i < ms / 20; i++) level = await this.#listen()
    return level
  }

  /** A receiver report with nothing in it, to RTCP's port (RFC 3550 §6.4.2). */
  async report(): Promise<void> {
    const socket = await this.#socketAt(4001)
    socket.send(Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 1), { address: BOB.address, port: 10_001 })
    await this.dialogue.advance(1)
  }

  async listenAt(port: number): Promise<void> {
    await this.#socketAt(port)
  }

  async #listen(): Promise<number> {
    await this.dialogue.advance(20)
    const block = new Float32Array(320)
    this.leg.audio.pull(block)
    return Math.sqrt(block.reduce((sum, value) => sum + value * value, 0) / block.length)
  }

  async #socketAt(port: number): Promise<UdpSocket> {
    const known = this.#sockets.get(port)
    if (known) return known
    const onDatagram = () => void this.heard.set(port, (this.heard.get(port) ?? 0) + 1)
    const socket = await this.dialogue.pair.network.udp({ address: PBX, port, onDatagram })
    this.#sockets.set(port, socket)
    return socket
  }
}

/** 20 ms of a loud 1 kHz square in PCMU. */
function rtp(sequence: number, ssrc: number, marker: boolean): Uint8Array {
  const packet = Buffer.alloc(12 + 160)
  packet[0] = 0x80
  packet[1] = marker ? 0x80 : 0
  packet.writeUInt16BE(sequence & 0xffff, 2)
  packet.writeUInt32BE((sequence * 160) >>> 0, 4)
  packet.writeUInt32BE(ssrc, 8)
  for (let i = 0; i < 160; i++) packet[12 + i] = i % 8 < 4 ? 0x10 : 0x90
  return packet
}
