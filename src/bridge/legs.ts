import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import { BRIDGE_RATE_HZ } from '../media/audio-source.ts'
import { MlowDecoder } from '../media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../media/codecs/mlow/encoder.ts'
import { MlowOrOpusDecoder } from '../media/codecs/mlow-or-opus.ts'
import { MlowOrOpusEncoder } from '../media/codecs/mlow-or-opus-encoder.ts'
import { OpusDecoder } from '../media/codecs/opus/opus.ts'
import { PortRange } from '../media/rtp/port-range.ts'
import type { RedundancyPolicy } from '../media/rtp/redundancy-control.ts'
import type { SipCodecName } from '../media/sip-codecs.ts'
import type { PauseHeader } from '../media/warp-sender.ts'
import type { Network } from '../net/network.ts'
import type { CallTarget, IncomingSession, Party, SessionPeer, SipEngine } from '../sip/sip-engine.ts'
import type { IncomingCall } from '../whatsapp/calls/incoming-call.ts'
import type { OutgoingCall } from '../whatsapp/calls/outgoing-call.ts'
import { ForkedLeg } from './forked-leg.ts'
import { IncomingSipLeg } from './incoming-sip-leg.ts'
import type { Leg } from './leg.ts'
import type { LegContext, LegFactory } from './leg-factory.ts'
import { type OutgoingSipCall, OutgoingSipLeg } from './outgoing-sip-leg.ts'
import { type Rehearsal, rehearseCall } from './rehearsal/rehearsal.ts'
import { targetsAt } from './routing.ts'
import type { SipAudioSettings } from './sip-audio.ts'
import type { SipLegOptions } from './sip-leg.ts'
import { WhatsAppLeg, type WhatsAppLegOptions } from './whatsapp-leg.ts'
import { WhatsAppMedia, type WhatsAppMediaSettings } from './whatsapp-media.ts'

export interface LegsOptions {
  readonly sip: SipEngine
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly media: {
    readonly address: string
    readonly ports: { readonly first: number; readonly last: number }
    readonly codecs: readonly SipCodecName[]
    readonly srtp: SipAudioSettings['srtp']
    readonly allowInsecureSrtp: boolean
    readonly holdSound: SipAudioSettings['holdSound']
    readonly detectDtmf: boolean
    readonly timeoutMs: number
  }
  readonly answerTimeoutMs: number
  readonly ringback: SipLegOptions['ringback']
  readonly relay: WhatsAppMediaSettings['relay']
  readonly whatsAppMediaTimeoutMs: number
  readonly voice: WhatsAppVoice
}

/** What is sent to WhatsApp, and how. */
interface WhatsAppVoice {
  readonly pauseHeader: PauseHeader
  /** `negotiated`: under loss when the server's settings name a redundancy level, or the peer announces that it takes copies. */
  readonly redundancy: RedundancyPolicy | 'negotiated'
  readonly codec: 'mlow' | 'opus'
  /** MLow leaves out what is not speech. */
  readonly dtx: boolean
}

/** Code is compiled once in a process, however many gateways are in it. */
let rehearsal: Promise<Rehearsal> | undefined

/** The legs of real calls: sockets from the network, MLow, relays. */
export class Legs implements LegFactory {
  readonly #sip: SipEngine
  readonly #sipLeg: SipLegOptions
  readonly #whatsAppLeg: WhatsAppLegOptions
  readonly #whatsAppMedia: WhatsAppMediaSettings

  constructor({
    sip,
    network,
    clock,
    random,
    media,
    relay,
    answerTimeoutMs,
    ringback,
    whatsAppMediaTimeoutMs,
    voice,
  }: LegsOptions) {
    this.#sip = sip
    this.#sipLeg = {
      clock,
      audio: {
        network,
        clock,
        random,
        address: media.address,
        ports: new PortRange(media.ports.first, media.ports.last),
        codecs: media.codecs,
        srtp: media.srtp,
        allowInsecureSrtp: media.allowInsecureSrtp,
        holdSound: media.holdSound,
        detectDtmf: media.detectDtmf,
      },
      mediaTimeoutMs: media.timeoutMs,
      answerTimeoutMs,
      ringback,
      transfers: {
        dial: (peer, user, call, context) => this.#dialAt(peer, user, call, context),
        takeOver: (session, context) => this.fromSip(session, context),
      },
      transferAsked: new WeakMap(),
    }
    const settings: WhatsAppMediaSettings = {
      clock,
      random,
      relay,
      pauseHeader: voice.pauseHeader,
      newEncoder: () => new MlowOrOpusEncoder(new MlowEncoder({ dtx: voice.dtx })),
      newDecoder: () => new MlowOrOpusDecoder(new MlowDecoder(), () => OpusDecoder.create(BRIDGE_RATE_HZ)),
    }
    this.#whatsAppMedia = settings
    this.#whatsAppLeg = {
      clock,
      openMedia: (request) => new WhatsAppMedia(request, settings),
      mediaTimeoutMs: whatsAppMediaTimeoutMs,
      speaksOpus: voice.codec === 'opus',
      redundancy: voice.redundancy,
    }
  }

  /** Makes a call with nobody, so that the first real one finds everything ready. */
  rehearse(): Promise<Rehearsal> {
    rehearsal ??= rehearseCall({ settings: this.#whatsAppMedia, codecs: this.#sipLeg.audio.codecs })
    return rehearsal
  }

  fromSip(session: IncomingSession, context: LegContext): Leg {
    context.tracer.record({ what: 'leg', side: 'sip', callId: session.callId })
    return new IncomingSipLeg(session, this.#sipLeg, context)
  }

  toSip(target: CallTarget, caller: Party, context: LegContext): Leg {
    return new OutgoingSipLeg(this.#sip, { target, caller }, this.#sipLeg, context)
  }

  #dialAt(
    peer: SessionPeer,
    user: string,
    call: Omit<OutgoingSipCall, 'target'>,
    context: LegContext,
  ): (() => Leg) | undefined {
    const targets = targetsAt(peer, user, this.#sip)
    if (targets.length === 0) return undefined
    const dial = (target: CallTarget) => new OutgoingSipLeg(this.#sip, { ...call, target }, this.#sipLeg, context)
    return () => (targets.length === 1 ? dial(targets[0]!) : new ForkedLeg(targets.map(dial)))
  }

  fromWhatsApp(call: IncomingCall, context: LegContext, isExclusive: boolean): Leg {
    context.tracer.record({ what: 'leg', side: 'whatsapp', callId: call.callId })
    return new WhatsAppLeg(call, { ...this.#whatsAppLeg, isExclusive }, context)
  }

  toWhatsApp(call: OutgoingCall, context: LegContext): Leg {
    context.tracer.record({ what: 'leg', side: 'whatsapp', callId: call.callId })
    return new WhatsAppLeg(call, this.#whatsAppLeg, context)
  }
}
