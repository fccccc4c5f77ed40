import type { Clock, Timer } from '../../base/clock.ts'
import { Signal } from '../../base/events.ts'
import type { Random } from '../../base/random.ts'
import type { AudioDecoder, AudioEncoder } from '../../media/codecs/codec.ts'
import { PacedEncoder } from '../../media/pacing/paced-encoder.ts'
import { ReceptionStatistics } from '../../media/rtp/reception-statistics.ts'
import type { RedundancyPolicy } from '../../media/rtp/redundancy-control.ts'
import { ReportBlockSource } from '../../media/rtp/report-block.ts'
import { parseRtcp } from '../../media/rtp/rtcp-packet.ts'
import {
  newRtpHeader,
  readRtpPacket,
  WARP_AUDIO_PAYLOAD_TYPE,
  WARP_REDUNDANT_PAYLOAD_TYPE,
} from '../../media/rtp/rtp-packet.ts'
import { WarpReporter } from '../../media/rtp/warp-reporter.ts'
import { AUDIO_SLOT, deriveSenderKeys, deriveSsrc } from '../../media/srtp/call-keys.ts'
import { type SrtpProfile, warpProfile } from '../../media/srtp/srtp-profile.ts'
import { SrtpReceiver } from '../../media/srtp/srtp-receiver.ts'
import { WarpSender } from '../../media/warp-sender.ts'
import type { Endpoint, Network } from '../../net/network.ts'
import type {
  OpenPhoneMedia,
  PhoneMedia,
  PhoneMediaEvent,
  PhoneMediaOptions,
  PhoneMediaStats,
} from '../phone/media-port.ts'
import { DriftingClock } from './drifting-clock.ts'
import { PacketCounts } from './heard-packets.ts'
import { NativeRelays } from './native-relays.ts'
import { PhoneEar } from './phone-ear.ts'

export interface PhoneMediaSettings {
  readonly network: Network
  /** The local address. */
  readonly address: string
  readonly random: Random
  readonly newEncoder: (codec: 'mlow' | 'opus') => AudioEncoder
  readonly newDecoder: (codec: 'mlow' | 'opus') => AudioDecoder
  /** When phones send copies to who announced that it reads them; never when absent. */
  readonly redundancy?: RedundancyPolicy
  /** The relay that a call's media goes to; the one that answers fastest when absent. */
  readonly elected?: () => Endpoint | undefined
  /** Media time of the phones runs this much faster than everybody else's. */
  readonly driftPpm?: number
}

const SAMPLE_RATE_HZ = 16_000
const OPEN_TIMEOUT_MS = 10_000
const MAX_PACKET_BYTES = 1500
/** A socket may still hold a datagram when the next ones are written: they take turns. */
const BUFFERS = 8

/** What one peer device sends: its stream, its keys, and what has become of it. */
interface Peer {
  readonly device: string
  readonly ssrc: number
  readonly receiver: SrtpReceiver
  readonly ear: PhoneEar
}

/** Media of simulated phones: real MLow in real SRTP over the relays that the call was offered. */
export function phoneMedia(settings: PhoneMediaSettings): OpenPhoneMedia {
  return (options) => new NativePhoneMedia(options, settings)
}

class NativePhoneMedia implements PhoneMedia {
  readonly events = new Signal<PhoneMediaEvent>()
  readonly #options: PhoneMediaOptions
  readonly #settings: PhoneMediaSettings
  readonly #clock: Clock
  readonly #profile: SrtpProfile
  readonly #relays: NativeRelays
  readonly #sender: WarpSender
  readonly #voice: AudioEncoder
  readonly #encoder: PacedEncoder
  readonly #reporter: WarpReporter
  readonly #reception = new ReceptionStatistics(SAMPLE_RATE_HZ)
  readonly #heardHeader = newRtpHeader()
  readonly #heardPackets = new PacketCounts()
  readonly #outgoing = Array.from({ length: BUFFERS }, () => new Uint8Array(MAX_PACKET_BYTES))
  readonly #incoming = new Uint8Array(MAX_PACKET_BYTES)
  readonly #openTimer: Timer
  readonly #opening: Promise<void>
  #peer: Peer | undefined
  #isAudible = false
  #heard = false
  #closing: Promise<void> | undefined

  constructor(options: PhoneMediaOptions, settings: PhoneMediaSettings) {
    const { callId, callKey, ownDevice, relays, audio } = options
    const clock = settings.driftPpm ? new DriftingClock(options.clock, settings.driftPpm) : options.clock
    this.#options = options
    this.#settings = settings
    this.#clock = clock
    this.#profile = warpProfile(relays.warpMiTagLength)
    this.#sender = new WarpSender({
      callId,
      callKey,
      self: ownDevice,
      profile: this.#profile,
      pauseHeader: 'long',
      redundancy: 'off',
      onPacket: (packet) => this.#transmit(packet),
    })
    if (options.codec === 'opus') this.#sender.speakOpus()
    this.#voice = settings.newEncoder(options.codec ?? 'mlow')
    this.#encoder = new PacedEncoder({
      clock,
      encoder: this.#voice,
      resampler: undefined,
      clockRateHz: SAMPLE_RATE_HZ,
      firstTimestamp: 0,
      isSelfSufficient: true,
      onPayload: (payload, timestamp, marker) => this.#sender.send(payload, timestamp, marker),
    })
    this.#encoder.listenTo({ pull: (out) => (this.#isAudible ? audio.speak(out) : void out.fill(0)) })
    this.#reporter = new WarpReporter({
      clock,
      random: settings.random,
      sent: this.#sender.sent,
      remoteSsrc: () => this.#peer?.ssrc ?? 0,
      blocks: new ReportBlockSource(this.#reception),
      send: (compound) => void this.#relays.send(this.#sender.protectRtcp(compound)),
    })
    this.#relays = new NativeRelays({
      network: settings.network,
      address: settings.address,
      block: relays,
      ssrc: this.#sender.sent.ssrc,
      clock,
      random: settings.random,
      elected: settings.elected,
      onOpen: () => this.#opened(),
      onMedia: (message, kind) => (kind === 'rtp' ? this.#receiveRtp(message) : this.#receiveRtcp(message)),
    })
    if (options.peerDevice !== undefined) this.setPeer(options.peerDevice)
    this.#openTimer = clock.after(OPEN_TIMEOUT_MS, () => this.#fail('no relay let us in'))
    this.#opening = this.#relays.open().catch((error) => this.#fail(String(error)))
  }

  setPeer(device: string): void {
    if (this.#peer?.device === device) return
    this.#peer?.ear.close()
    const { callId, callKey, audio, codec = 'mlow' } = this.#options
    this.#peer = {
      device,
      ssrc: deriveSsrc(callId, device, AUDIO_SLOT),
      receiver: new SrtpReceiver(deriveSenderKeys(callKey, device), this.#profile),
      ear: new PhoneEar(this.#settings.newDecoder(codec), (frame) => {
        if (this.#isAudible) audio.hear(frame)
      }),
    }
  }

  allowCopies(): void {
    this.#sender.useRedundancy(this.#settings.redundancy ?? 'off')
  }

  startAudio(): void {
    this.#isAudible = true
  }

  stats(): PhoneMediaStats {
    const srtp = this.#peer?.receiver.stats
    return {
      packetsSent: this.#sender.sent.packets,
      packetsReceived: this.#reception.received,
      packetsRejected: (srtp?.forged ?? 0) + (srtp?.malformed ?? 0),
      packetsRepeated: srtp?.replayed ?? 0,
      framesConcealed: this.#peer?.ear.framesConcealed ?? 0,
      framesRecovered: this.#peer?.ear.framesRecovered ?? 0,
      heard: this.#heardPackets.heard,
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    this.#openTimer.cancel()
    this.#encoder.stop()
    this.#reporter.stop()
    this.events.clear()
    await this.#opening
    await this.#relays.close()
    this.#voice.close?.()
    this.#peer?.ear.close()
  }

  #opened(): void {
    if (this.#closing !== undefined) return
    this.#openTimer.cancel()
    this.#encoder.start()
    this.#reporter.start()
    this.events.emit({ type: 'open' })
  }

  #fail(reason: string): void {
    if (this.#closing !== undefined) return
    this.#options.logger.warn({ callId: this.#options.callId, reason }, 'a phone has no media')
    this.events.emit({ type: 'failed', reason })
  }

  #transmit(packet: Uint8Array): void {
    const out = this.#outgoing[this.#sender.sent.packets % BUFFERS]!
    out.set(packet)
    this.#relays.send(out.subarray(0, packet.length))
  }

  #receiveRtp(message: Uint8Array): void {
    const peer = this.#peer
    if (!peer || message.length > MAX_PACKET_BYTES) return
    const length = peer.receiver.unprotect(message, this.#incoming)
    const packet = this.#incoming.subarray(0, length)
    const header = this.#heardHeader
    if (length === 0 || !readRtpPacket(packet, header)) return
    const redundant = header.payloadType === WARP_REDUNDANT_PAYLOAD_TYPE
    if (header.ssrc !== peer.ssrc || !(redundant || header.payloadType === WARP_AUDIO_PAYLOAD_TYPE)) return
    this.#reception.note(header, this.#clock.nowMs())
    if (!this.#heard) {
      this.#heard = true
      this.events.emit({ type: 'heard' })
    }
    const { sequence, timestamp } = header
    const payload = packet.slice(header.payloadStart, header.payloadEnd)
    this.#heardPackets.note(payload, header.payloadStart, redundant)
    peer.ear.push({ sequence, timestamp, payload, redundant })
  }

  /** Of the peer's reports only the loss of our own stream counts. */
  #receiveRtcp(message: Uint8Array): void {
    const compound = this.#peer?.receiver.unprotectRtcp(message)
    if (!compound) return
    for (const packet of parseRtcp(compound)) {
      if (packet.type !== 'sender-report') continue
      const about = packet.blocks.find(({ ssrc }) => ssrc === this.#sender.sent.ssrc)
      if (about) this.#sender.noteLoss(about.fractionLost, this.#clock.nowMs())
    }
  }
}
