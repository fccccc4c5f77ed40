import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { AudioDecoder, AudioEncoder } from '../../src/media/codecs/codec.ts'
import { newRtpHeader, WARP_SPEECH_EXTENSION, writeRtpHeader } from '../../src/media/rtp/rtp-packet.ts'
import { AUDIO_SLOT, deriveSenderKeys, deriveSsrc } from '../../src/media/srtp/call-keys.ts'
import { warpProfile } from '../../src/media/srtp/srtp-profile.ts'
import { SrtpSender } from '../../src/media/srtp/srtp-sender.ts'
import { NativeRelays } from '../../src/sim/media/native-relays.ts'
import { phoneMedia } from '../../src/sim/media/phone-media.ts'
import type { PhoneAudio, PhoneMedia, PhoneMediaEvent } from '../../src/sim/phone/media-port.ts'
import type { RelayFleet } from '../../src/sim/relay/relay-fleet.ts'
import type { RelayBlock } from '../../src/sim/server/relay-port.ts'
import { ADDRESS, network, startFleet } from './relay-harness.ts'

const CALL = { callId: 'AABB', callKey: new Uint8Array(32).fill(9) }
const CALLER = '1:1@lid'
const CALLEE = '2:3@lid'
const OTHER_DEVICE = '2:4@lid'
const FRAME = 960

/** One byte per sample: enough to recognise what was said. */
const byteEncoder = (): AudioEncoder => ({
  sampleRateHz: 16_000,
  frameSamples: FRAME,
  maxPayloadBytes: FRAME,
  encode: (pcm, out) => {
    for (let i = 0; i < FRAME; i++) out[i] = Math.round(pcm[i] * 100) & 255
    return FRAME
  },
  reset: () => {},
})
const byteDecoder = (): AudioDecoder => ({
  sampleRateHz: 16_000,
  maxSamples: FRAME,
  decode: (payload, out) => {
    if (payload.length !== FRAME) return 0
    for (let i = 0; i < FRAME; i++) out[i] = ((payload[i] << 24) >> 24) / 100
    return FRAME
  },
  conceal: (samples, out) => {
    out.fill(0, 0, samples)
    return samples
  },
  reset: () => {},
})

/** Says one value for ever; remembers the first value of each frame heard. */
class ToneAudio implements PhoneAudio {
  readonly heard: number[] = []
  #wake = () => {}
  readonly #value: number

  constructor(value: number) {
    this.#value = value
  }

  speak(out: Float32Array): void {
    out.fill(this.#value)
  }

  hear(pcm: Float32Array): void {
    this.heard.push(pcm[0])
    this.#wake()
  }

  hears(value: number): Promise<void> {
    return this.#until(() => this.heard.some((heard) => Math.abs(heard - value) < 0.01))
  }

  hearsFrames(count: number): Promise<void> {
    return this.#until(() => this.heard.length >= count)
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

describe('media of a phone', () => {
  let fleet: RelayFleet
  let blocks: ReadonlyMap<string, RelayBlock>
  let open: PhoneMedia[]

  beforeEach(async () => {
    fleet = await startFleet(3)
    blocks = fleet.offerRelays(CALL.callId, [CALLER, CALLEE, OTHER_DEVICE])
    open = []
  })
  afterEach(async () => {
    await Promise.all(open.map((media) => media.close()))
    await fleet.close()
  })

  function phone(own: string, peer: string | undefined, audio: PhoneAudio, overrides = {}): PhoneMedia {
    const openMedia = phoneMedia({
      network,
      address: ADDRESS,
      random: seededRandom(own.length),
      newEncoder: byteEncoder,
      newDecoder: byteDecoder,
    })
    const media = openMedia({
      ...CALL,
      ownDevice: own,
      peerDevice: peer,
      relays: blocks.get(own)!,
      audio,
      clock: systemClock,
      logger: silentLogger,
      ...overrides,
    })
    open.push(media)
    return media
  }

  const event = (media: PhoneMedia, type: PhoneMediaEvent['type']) =>
    new Promise<PhoneMediaEvent>((resolve) => {
      media.events.on((happened) => {
        if (happened.type === type) resolve(happened)
      })
    })

  it('says and hears, through the relays and the keys of the call', async () => {
    const [callerAudio, calleeAudio] = [new ToneAudio(0.25), new ToneAudio(-0.5)]
    const caller = phone(CALLER, CALLEE, callerAudio)
    const callee = phone(CALLEE, CALLER, calleeAudio)
    await Promise.all([event(caller, 'heard'), event(callee, 'heard')])
    caller.startAudio()
    callee.startAudio()
    await Promise.all([callerAudio.hears(-0.5), calleeAudio.hears(0.25)])
    expect(caller.stats()).toMatchObject({ packetsRejected: 0, packetsRepeated: 0, framesConcealed: 0 })
    expect(caller.stats().packetsReceived).toBeGreaterThan(0)
  })

  it('is silent and deaf before its audio starts', async () => {
    const [callerAudio, calleeAudio] = [new ToneAudio(0.25), new ToneAudio(-0.5)]
    const caller = phone(CALLER, CALLEE, callerAudio)
    const callee = phone(CALLEE, CALLER, calleeAudio)
    caller.startAudio()
    await callerAudio.hears(0)
    expect(callerAudio.heard.every((value) => value === 0)).toBe(true)
    expect(calleeAudio.heard).toEqual([])
    expect(callee.stats().packetsSent).toBeGreaterThan(0)
  })

  it('hears the device that answered, once it knows it', async () => {
    const [callerAudio, otherAudio] = [new ToneAudio(0.25), new ToneAudio(-0.75)]
    const caller = phone(CALLER, undefined, callerAudio)
    const other = phone(OTHER_DEVICE, CALLER, otherAudio)
    await event(other, 'heard')
    expect(caller.stats().packetsReceived).toBe(0)
    caller.setPeer(OTHER_DEVICE)
    caller.startAudio()
    other.startAudio()
    await callerAudio.hears(-0.75)
  })

  it('drops and counts what is forged, and what comes twice', async () => {
    const audio = new ToneAudio(0)
    const oneRelay = (own: string) => {
      const block = blocks.get(own)!
      return { ...block, endpoints: block.endpoints.slice(0, 1) }
    }
    const callee = phone(CALLEE, CALLER, audio, { relays: oneRelay(CALLEE) })
    callee.startAudio()
    await event(callee, 'open')
    const ssrc = deriveSsrc(CALL.callId, CALLER, AUDIO_SLOT)
    const relays = await new Promise<NativeRelays>((resolve, reject) => {
      const native: NativeRelays = new NativeRelays({
        network,
        address: ADDRESS,
        block: oneRelay(CALLER),
        ssrc,
        clock: systemClock,
        random: seededRandom(1),
        onOpen: () => resolve(native),
        onMedia: () => {},
      })
      native.open().catch(reject)
    })
    const packet = new Uint8Array(16 + FRAME)
    const protectedBy = (callKey: Uint8Array, sequence: number) => {
      const header = { ...newRtpHeader(), payloadType: 120, sequence, ssrc, timestamp: sequence * FRAME }
      writeRtpHeader(header, WARP_SPEECH_EXTENSION, packet)
      packet.fill(50, 16)
      const wire = new Uint8Array(packet.length + 4)
      new SrtpSender(deriveSenderKeys(callKey, CALLER), warpProfile()).protect(packet, wire)
      return wire
    }
    relays.send(protectedBy(new Uint8Array(32), 1))
    const good = protectedBy(CALL.callKey, 1)
    relays.send(good)
    relays.send(good)
    relays.send(protectedBy(new Uint8Array(32), 2))
    relays.send(protectedBy(CALL.callKey, 3))
    relays.send(protectedBy(CALL.callKey, 4))
    relays.send(protectedBy(CALL.callKey, 5))
    await audio.hearsFrames(5)
    expect(callee.stats()).toMatchObject({
      packetsReceived: 4,
      packetsRejected: 2,
      packetsRepeated: 1,
      framesConcealed: 1,
    })
    expect(audio.heard.map((value) => Math.round(value * 100))).toEqual([50, 0, 50, 50, 50])
    await relays.close()
  })

  it('goes on over another relay when the elected one dies', async () => {
    const audio = new ToneAudio(0.5)
    const caller = phone(CALLER, CALLEE, new ToneAudio(0.25))
    const callee = phone(CALLEE, CALLER, audio)
    await Promise.all([event(caller, 'heard'), event(callee, 'heard')])
    const forwardedBefore = fleet.servers.map(({ stats }) => stats.forwarded)
    const elected = forwardedBefore.indexOf(Math.max(...forwardedBefore))
    await fleet.servers[elected].die()
    callee.startAudio()
    caller.startAudio()
    await audio.hears(0.25)
    expect(fleet.servers[elected].stats.forwarded).toBe(forwardedBefore[elected])
  }, 20_000)

  it('fails when no relay lets it in', async () => {
    const clock = new VirtualClock()
    const relays = { ...blocks.get(CALLER)!, key: 'wrong' }
    const media = phone(CALLER, CALLEE, new ToneAudio(0), { relays, clock })
    const failed = event(media, 'failed')
    await clock.advance(10_000)
    expect(await failed).toEqual({ type: 'failed', reason: 'no relay let us in' })
    await media.close()
    expect(clock.pendingTimers).toBe(0)
  })

  it('may be closed at once, and twice', async () => {
    const media = phone(CALLER, CALLEE, new ToneAudio(0))
    await Promise.all([media.close(), media.close()])
    expect(media.stats().packetsSent).toBe(0)
  })
})
