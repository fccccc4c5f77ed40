import { expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { rehearseCall } from '../../src/bridge/rehearsal/rehearsal.ts'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { MlowOrOpusDecoder } from '../../src/media/codecs/mlow-or-opus.ts'
import { MlowOrOpusEncoder } from '../../src/media/codecs/mlow-or-opus-encoder.ts'
import type { SipCodecName } from '../../src/media/sip-codecs.ts'

const noOpus = () => Promise.reject(new Error('nobody speaks Opus here'))
const CODECS: readonly SipCodecName[] = ['PCMA', 'G722', 'opus']

const settings = {
  clock: systemClock,
  random: systemRandom,
  relay: { portPolicy: 'advertised', addressFamily: 'ipv4', maxRelays: 4, connectTimeoutMs: 5000 },
  pauseHeader: 'long',
  newEncoder: () => new MlowOrOpusEncoder(new MlowEncoder(), noOpus),
  newDecoder: () => new MlowOrOpusDecoder(new MlowDecoder(), noOpus),
} as const

it('rehearses what a call on a bad line needs, both ways and with every codec', async () => {
  const connect = () => {
    throw new Error('nothing is dialled')
  }
  const { fromSip, fromWhatsApp } = await rehearseCall({
    settings: { ...settings, relay: { ...settings.relay, connect } },
    codecs: CODECS,
  })
  // 0.8 s with each codec, less what is lost on the way, a digit's place and the packets that prove who sends.
  for (const [{ received, lost, late, concealedMs, refused, targetMs }, packetMs] of [
    [fromSip, 20],
    [fromWhatsApp, 60],
  ] as const) {
    expect(received).toBeGreaterThan((0.75 * 800 * CODECS.length) / packetMs)
    expect(lost + late).toBeGreaterThan(0)
    expect(concealedMs).toBeGreaterThan(0)
    expect(targetMs).toBeGreaterThan(40)
    expect(refused).toBe(0)
  }
}, 60_000)
