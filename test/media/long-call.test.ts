import { expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import type { AudioDecoder } from '../../src/media/codecs/codec.ts'
import { fromWhatsapp } from '../../src/media/pipeline.ts'
import { ReportBlockSource } from '../../src/media/rtp/report-block.ts'
import { deriveSsrc } from '../../src/media/srtp/call-keys.ts'
import { warpProfile } from '../../src/media/srtp/srtp-profile.ts'
import { WarpReceiver } from '../../src/media/warp-receiver.ts'
import { WarpSender } from '../../src/media/warp-sender.ts'

const FRAME_MS = 60
const FRAME_SAMPLES = 960
const MINUTES = 70
const FRAMES = (MINUTES * 60_000) / FRAME_MS
const callKey = Uint8Array.from({ length: 32 }, (_, i) => i)
const CALLER = '1:1@lid'
const CALLEE = '2:2@lid'

/** Plays each frame as a constant that the payload states, so that what is heard tells which packet it was. */
const decoder: AudioDecoder = {
  sampleRateHz: 16_000,
  maxSamples: FRAME_SAMPLES,
  decode: (payload, out) => {
    out.fill(((payload[1] << 8) | payload[2]) / 65_536, 0, FRAME_SAMPLES)
    return FRAME_SAMPLES
  },
  conceal: (samples, out) => {
    out.fill(0, 0, samples)
    return samples
  },
  reset: () => {},
}

it(`goes on for ${MINUTES} minutes: over the end of the sequence numbers, with nothing lost, forged or concealed`, async () => {
  const clock = new VirtualClock()
  const playout = fromWhatsapp(clock, decoder)
  const profile = warpProfile()
  const receiver = new WarpReceiver({
    callId: 'LONG',
    self: CALLEE,
    profile,
    hbhKey: undefined,
    playout,
    blocks: new ReportBlockSource(playout.reception),
    nowMs: () => clock.nowMs(),
    onLoss: () => {},
  })
  expect(receiver.setPeer(CALLER, callKey)).toBe(deriveSsrc('LONG', CALLER, 0))
  const sender = new WarpSender({
    callId: 'LONG',
    callKey,
    self: CALLER,
    profile,
    pauseHeader: 'long',
    redundancy: 'off',
    // Two relays: everything comes twice.
    onPacket: (packet) => {
      receiver.receiveRtp(packet)
      receiver.receiveRtp(packet)
    },
  })
  const out = new Float32Array(FRAME_SAMPLES)
  const payload = new Uint8Array(3)
  // Half way through, the timestamp wraps too.
  const firstTimestamp = 2 ** 32 - (FRAMES / 2) * FRAME_SAMPLES
  let heardLast = -1
  let steps = 0
  for (let frame = 0; frame < FRAMES; frame++) {
    payload.set([0x50, (frame >> 8) & 0xff, frame & 0xff])
    sender.send(payload, (firstTimestamp + frame * FRAME_SAMPLES) % 2 ** 32, frame === 0)
    playout.pull(out)
    const heard = Math.round(out[FRAME_SAMPLES - 1] * 65_536)
    if (heard === ((heardLast + 1) & 0xffff)) steps += 1
    heardLast = heard
    await clock.advance(FRAME_MS)
  }
  const { received, lost, late, concealedMs, refused } = playout.stats()
  expect({ received, lost, late, concealedMs, refused }).toEqual({
    received: FRAMES,
    lost: 0,
    late: 0,
    concealedMs: 0,
    refused: 0,
  })
  expect(receiver.stats).toMatchObject({ accepted: FRAMES, replayed: FRAMES, forged: 0 })
  expect(playout.reception.highestSequence >>> 16).toBe(1)
  expect(playout.reception.lost).toBe(0)
  // What is not one step on is the beginning, and the same frame heard again while the delay settles.
  expect(steps).toBeGreaterThanOrEqual(FRAMES - 3)
}, 60_000)
