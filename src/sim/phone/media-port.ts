import type { Clock } from '../../base/clock.ts'
import type { Signal } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import type { RelayBlock } from '../server/relay-port.ts'

/** Samples per 60 ms frame at 16 kHz: the size of every buffer below. */
export const phoneFrameSamples = 960

/** What a simulated phone does with sound: 16 kHz mono float in [-1, 1], frames of `phoneFrameSamples`. */
export interface PhoneAudio {
  /** Fills `out` with the next frame of what the phone says. Called every 60 ms while the media runs. */
  speak(out: Float32Array): void
  /** One frame of what the phone hears, in playout order; lost frames come concealed. Valid only during the call. */
  hear(pcm: Float32Array): void
}

export interface PhoneMediaOptions {
  readonly callId: string
  /** 32 bytes, as decrypted from (or encrypted into) the offer's `<enc>`. */
  readonly callKey: Uint8Array
  /** LID device JID of the phone's device that takes part. */
  readonly ownDevice: string
  /** LID device JID of the other side; for a caller unknown until the accept (`setPeer`). */
  readonly peerDevice: string | undefined
  /** The block this device got: inside the offer (callee) or the offer's ack (caller). */
  readonly relays: RelayBlock
  /** What the phone sends; MLow when absent. */
  readonly codec?: 'mlow' | 'opus'
  readonly audio: PhoneAudio
  readonly clock: Clock
  readonly logger: Logger
}

export type PhoneMediaEvent =
  /** At least one relay took our registration. Comes once. */
  | { readonly type: 'open' }
  /** The first RTP packet of the peer that passed authentication. Comes once. */
  | { readonly type: 'heard' }
  | { readonly type: 'failed'; readonly reason: string }

/** Authentic packets of the peer, by what was in them. */
export interface HeardPackets {
  readonly mlow: number
  readonly opus: number
  /** Comfort noise, or nothing. */
  readonly pause: number
  /** With the header of a pause, 20 bytes. */
  readonly longHeader: number
  /** With copies of earlier packets; they are counted by kind too. */
  readonly redundant: number
}

export interface PhoneMediaStats {
  readonly packetsSent: number
  readonly packetsReceived: number
  /** Packets out of form, or that failed authentication. */
  readonly packetsRejected: number
  /** Packets that had come before, over another relay or replayed. */
  readonly packetsRepeated: number
  readonly framesConcealed: number
  /** Lost packets of which the next one held a copy. */
  readonly framesRecovered: number
  readonly heard: HeardPackets
}

/** The media half of a phone in one call. Dials its relays when made; owns its sockets and timers until `close`. */
export interface PhoneMedia {
  readonly events: Signal<PhoneMediaEvent>
  /** The caller learns on accept which device answered: receive keys and SSRC change to it. */
  setPeer(device: string): void
  /** The peer has announced that it reads packets with copies; until then there are none. */
  allowCopies(): void
  /** From now on `speak` and `hear` are called; until then the phone sends silence and drops what it hears. */
  startAudio(): void
  stats(): PhoneMediaStats
  /** Idempotent. Resolves when nothing is left open. */
  close(): Promise<void>
}

export type OpenPhoneMedia = (options: PhoneMediaOptions) => PhoneMedia
