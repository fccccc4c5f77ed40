import type { AudioDecoder, AudioEncoder } from '../../../src/media/codecs/codec.ts'
import { MlowDecoder } from '../../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../../src/media/codecs/mlow/encoder.ts'
import { speech } from '../../../src/sim/speech.ts'

/**
 * MLow without the work of MLow: a bench measures the gateway, and leaves the cores to it. What phones say was encoded
 * before the first call; what they hear is kept as packets, and decoded when somebody asks.
 */

const RATE_HZ = 16_000
const PACKET_SAMPLES = 960
const PAUSE_SAMPLES = RATE_HZ
/** What a phone remembers: enough to hold the speech once, wherever it began. */
export const REMEMBERED_S = 20
const REMEMBERED_PACKETS = Math.ceil((REMEMBERED_S * RATE_HZ) / PACKET_SAMPLES)
const MOST_PACKET_BYTES = 400
/** The length of a packet that did not come. */
const LOST = 0

/** The speech and a pause, in packets, to be sent over and over. */
export function encodedSpeech(): readonly Uint8Array[] {
  const text = speech()
  const encoder = new MlowEncoder()
  const room = new Uint8Array(encoder.maxPayloadBytes)
  const frame = new Float32Array(PACKET_SAMPLES)
  return Array.from({ length: Math.ceil((text.length + PAUSE_SAMPLES) / PACKET_SAMPLES) }, (_, i) => {
    frame.fill(0)
    frame.set(text.subarray(i * PACKET_SAMPLES, (i + 1) * PACKET_SAMPLES))
    return room.slice(0, encoder.encode(frame, room))
  })
}

/** Says what was encoded before, from packet `first` on. */
export class RecordedVoice implements AudioEncoder {
  readonly sampleRateHz = RATE_HZ
  readonly frameSamples = PACKET_SAMPLES
  readonly maxPayloadBytes = MOST_PACKET_BYTES
  readonly #packets: readonly Uint8Array[]
  #next: number

  constructor(packets: readonly Uint8Array[], first: number) {
    this.#packets = packets
    this.#next = first
  }

  encode(_pcm: Float32Array, out: Uint8Array): number {
    const packet = this.#packets[this.#next++ % this.#packets.length]!
    out.set(packet)
    return packet.length
  }

  reset(): void {}
}

/** Keeps the packets of the last seconds, and where one is missing. */
export class RecordedEar implements AudioDecoder {
  readonly sampleRateHz = RATE_HZ
  readonly maxSamples = PACKET_SAMPLES
  /** Packets, missing ones included. */
  heard = 0
  readonly #packets = Array.from({ length: REMEMBERED_PACKETS }, () => new Uint8Array(MOST_PACKET_BYTES))
  readonly #lengths = new Uint16Array(REMEMBERED_PACKETS)

  decode(payload: Uint8Array, _out: Float32Array): number {
    const at = this.heard++ % REMEMBERED_PACKETS
    this.#packets[at]!.set(payload)
    this.#lengths[at] = payload.length
    return PACKET_SAMPLES
  }

  conceal(samples: number, _out: Float32Array): number {
    this.#lengths[this.heard++ % REMEMBERED_PACKETS] = LOST
    return samples
  }

  reset(): void {}

  /** What is remembered, 16 kHz. */
  listen(): Float32Array {
    const decoder = new MlowDecoder()
    const room = new Float32Array(decoder.maxSamples)
    const count = Math.min(this.heard, REMEMBERED_PACKETS)
    const pcm = new Float32Array(count * PACKET_SAMPLES)
    for (let i = 0; i < count; i++) {
      const at = (this.heard - count + i) % REMEMBERED_PACKETS
      const length = this.#lengths[at]
      if (length === LOST) decoder.conceal(PACKET_SAMPLES, room)
      else decoder.decode(this.#packets[at]!.subarray(0, length), room)
      pcm.set(room.subarray(0, PACKET_SAMPLES), i * PACKET_SAMPLES)
    }
    return pcm
  }
}
