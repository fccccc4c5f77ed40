import type { Clock } from '../base/clock.ts'
import { systemRandom } from '../base/random.ts'
import { BRIDGE_RATE_HZ } from './audio-source.ts'
import type { AudioDecoder, AudioEncoder } from './codecs/codec.ts'
import { SIP_CODECS, type SipCodecName } from './sip-codecs.ts'
import { SipMedia } from './sip-media.ts'
import { deriveSenderKeys } from './srtp/call-keys.ts'

const FRAMES = 25
const SIP_PACKET_MS = 20
const PITCH_HZ = 150

/**
 * Runs the stages of a call without a call: a buzz through MLow's two halves and through every codec that calls may
 * have towards SIP, the resamplers, the key schedule. `encoder` and `decoder` are of no use afterwards.
 */
export async function warmUpMedia(
  clock: Clock,
  encoder: AudioEncoder,
  decoder: AudioDecoder,
  sipCodecs: readonly SipCodecName[],
): Promise<void> {
  exercise(encoder, decoder)
  for (const name of sipCodecs) {
    const { newEncoder, newDecoder } = SIP_CODECS[name]
    const [sipEncoder, sipDecoder] = [await newEncoder(SIP_PACKET_MS, undefined), await newDecoder()]
    exercise(sipEncoder, sipDecoder)
    sipEncoder.close?.()
    sipDecoder.close?.()
  }
  deriveSenderKeys(systemRandom.bytes(32), '1:0@lid')
  const media = await SipMedia.create({
    clock,
    random: systemRandom,
    agreement: {
      remote: { address: '127.0.0.1', port: 9 },
      codecs: [{ codec: SIP_CODECS.PCMA, payloadType: SIP_CODECS.PCMA.payloadType, fmtp: undefined }],
      packetMs: SIP_PACKET_MS,
      events: undefined,
      maySend: true,
      rtcpMux: false,
      keys: undefined,
    },
    onDigit: () => {},
    sendRtp: () => {},
    sendRtcp: () => {},
  })
  media.audio.pull(new Float32Array((SIP_PACKET_MS * BRIDGE_RATE_HZ) / 1000))
  media.close()
}

function exercise(encoder: AudioEncoder, decoder: AudioDecoder): void {
  const pcm = new Float32Array(encoder.frameSamples)
  const payload = new Uint8Array(encoder.maxPayloadBytes)
  const decoded = new Float32Array(decoder.maxSamples)
  for (let frame = 0; frame < FRAMES; frame++) {
    buzz(pcm, frame)
    const length = encoder.encode(pcm, payload)
    decoder.decode(payload.subarray(0, length), decoded)
  }
  decoder.conceal(encoder.frameSamples, decoded)
}

/** A pulse train with some noise: voiced and unvoiced paths are both taken. */
function buzz(pcm: Float32Array, frame: number): void {
  const period = Math.round(BRIDGE_RATE_HZ / PITCH_HZ)
  for (let i = 0; i < pcm.length; i++) {
    const pulse = frame % 3 !== 0 && i % period === 0 ? 0.5 : 0
    pcm[i] = pulse + (systemRandom.below(2001) - 1000) / 20_000
  }
}
