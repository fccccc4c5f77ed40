import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { G711Decoder } from '../../src/media/codecs/g711/g711.ts'
import { ToneDetector } from '../../src/media/dtmf/tone-detector.ts'
import { Baresip } from './baresip.ts'
import { Capture } from './capture.ts'
import { Closing } from './closing.ts'
import { expectUnderstood, joined, narrowSpeech, PHONE_RATE_HZ, seconds } from './hearing.ts'
import {
  CLOSE_TIMEOUT_MS,
  endAt,
  expectQuiet,
  type House,
  heardAt,
  numberOf,
  openHouse,
  PHONE,
  WHATSAPP_RATE_HZ,
} from './house.ts'
import { Linphone } from './linphone.ts'
import { portBlock } from './ports.ts'

/** Before the user at the desk begins to speak: the time for what is done to the call. */
const LEAD_S = 2
const HOLD_MS = 1_000
/** Bytes of G.711 in 20 ms. */
const PACKET = 160
/** Packets that were under way when the phone learned that it is on hold. */
const LATE_S = 0.05

const closing = new Closing()
let house: House
let desk: Baresip
let second: Linphone
let capture: Capture
/** Of the gateway's packets. */
let ours: string

beforeAll(async () => {
  const users = ['desk', 'second'].map((username) => ({ ...PHONE, username }))
  house = await openHouse(closing, { users }, { maxCalls: 2, inbound: { user: 'second' }, media: { detectDtmf: true } })
  desk = new Baresip({
    ...PHONE,
    username: 'desk',
    registrar: house.sip,
    codec: 'PCMA',
    firstPort: await portBlock(Baresip.ports),
    speech: joined(seconds(LEAD_S), narrowSpeech, seconds(20)),
  })
  closing.add(() => desk.stop())
  second = new Linphone({
    ...PHONE,
    username: 'second',
    registrar: house.sip,
    firstPort: await portBlock(Linphone.ports),
    speech: joined(narrowSpeech, seconds(2)),
  })
  closing.add(() => second.stop())
  await Promise.all([desk.registered(), second.registered()])
  const sipPort = Number(house.sip.split(':')[1])
  const { first, last } = house.rtpPorts
  ours = `(udp.srcport == ${sipPort} || (udp.srcport >= ${first} && udp.srcport <= ${last}))`
  capture = new Capture({ filter: `udp port ${sipPort} or udp portrange ${first}-${last}`, sipPort })
  closing.add(async () => capture.forget())
  closing.add(() => capture.stop())
  await capture.started()
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

/** Resolves when the phone of WhatsApp's has heard so much in its latest call. */
async function heardFor(phone: string, durationS: number): Promise<void> {
  const waiting = { timeout: (durationS + 5) * 1000, interval: 500 }
  await expect
    .poll(async () => (await heardAt(house, phone)).pcm.length, waiting)
    .toBeGreaterThan(durationS * WHATSAPP_RATE_HZ)
}

describe('linphonec', () => {
  it('logs in, dials, hears and is heard', async () => {
    second.dial(numberOf('talker'))
    await second.established()
    await house.whatsApp.ask('waitForSpeech', 'talker')
    second.hangUp()
    expect(await second.over()).toBe('No error')
    expectUnderstood('linphonec from WhatsApp', second.recording())
    expectUnderstood('linphonec to WhatsApp', await heardAt(house, 'talker'))
    await expect.poll(() => endAt(house, 'talker')).toBe('ended')
  })

  it('is called from WhatsApp, answers, and is hung up on', async () => {
    await house.whatsApp.ask('call', 'talker')
    expect(await second.rings()).toContain(numberOf('talker').slice(1))
    second.answer()
    await second.established()
    await house.whatsApp.ask('waitForSpeech', 'talker')
    await house.whatsApp.ask('hangUp', 'talker')
    await second.over()
    expectUnderstood('linphonec called by the talker', second.recording())
    expect(await endAt(house, 'talker')).toBe('hung-up')
  })
})

describe('baresip in a call', () => {
  it('holds: it is sent nothing; resumes: both hear each other', async () => {
    await desk.dial(numberOf('talker'))
    await desk.established()
    await desk.hold()
    await desk.agreed(1)
    await new Promise((resolve) => setTimeout(resolve, HOLD_MS))
    await desk.resume()
    await heardFor('talker', LEAD_S + narrowSpeech.length / PHONE_RATE_HZ + 1)
    await desk.hangUp()
    await expect.poll(() => endAt(house, 'talker')).toBe('ended')
    expectUnderstood('resumed, to WhatsApp', await heardAt(house, 'talker'))

    const answers = (direction: string) =>
      capture.times(
        `sip.Status-Code == 200 && sip.CSeq.method == "INVITE" && ${ours} && sdp.media_attr == "${direction}"`,
      )
    const [heldAt = 0] = answers('recvonly')
    const resumedAt = answers('sendrecv').find((time) => time > heldAt) ?? 0
    const from = (time: number) => `${ours} && frame.time_epoch >= ${time}`
    expect(resumedAt - heldAt).toBeGreaterThan(HOLD_MS / 1000)
    expect(capture.count(`rtp && ${from(heldAt + LATE_S)} && frame.time_epoch < ${resumedAt}`)).toBe(0)
    // The talker had begun before the hold: what it says a little later must be there.
    const said = narrowSpeech.slice(2.5 * PHONE_RATE_HZ)
    const here = { pcm: fromAlaw(capture.payload(from(resumedAt))), sampleRateHz: PHONE_RATE_HZ }
    expectUnderstood('resumed, from WhatsApp', here, said)
  })

  it('presses keys: WhatsApp hears tones, and tones from there come as telephone events', async () => {
    await desk.dial(numberOf('echo'))
    await desk.established()
    for (const digit of '5#') {
      await desk.press(digit)
      await desk.hearsDigit(digit)
    }
    await desk.hangUp()
    await expect.poll(() => endAt(house, 'echo')).toBe('ended')
    let digits = ''
    new ToneDetector((digit) => {
      digits += digit
    }).feed((await heardAt(house, 'echo')).pcm)
    expect(digits).toBe('5#')
    expect(capture.count(`rtpevent && ${ours}`)).toBeGreaterThanOrEqual(2)
  })

  it('transfers blindly to linphonec, which talks on with WhatsApp', async () => {
    await desk.dial(numberOf('talker'))
    await desk.established()
    await desk.transfer(`sip:second@${house.sip}`, async () => {
      expect(await second.rings()).toContain(numberOf('talker').slice(1))
      second.answer()
      await second.established()
    })
    const joinedAtS = (await heardAt(house, 'talker')).pcm.length / WHATSAPP_RATE_HZ
    await heardFor('talker', joinedAtS + narrowSpeech.length / PHONE_RATE_HZ + 1)
    second.hangUp()
    expect(await second.over()).toBe('No error')
    await expect.poll(() => endAt(house, 'talker')).toBe('ended')
    const { pcm, sampleRateHz } = await heardAt(house, 'talker')
    const there = { pcm: pcm.subarray(Math.max(0, joinedAtS - 1) * sampleRateHz), sampleRateHz }
    // The talker goes on meanwhile, and begins anew.
    const fromS = joinedAtS + 1
    const said = joined(narrowSpeech, seconds(1), narrowSpeech).slice(
      fromS * PHONE_RATE_HZ,
      (fromS + 5) * PHONE_RATE_HZ,
    )
    expectUnderstood('transferred, from WhatsApp', second.recording(), said)
    expectUnderstood('transferred, to WhatsApp', there)
    // 100 and 200 at least.
    expect(capture.count(`sip.Method == "NOTIFY" && ${ours}`)).toBeGreaterThanOrEqual(2)
  })

  it('in all of this Wireshark finds nothing to complain of', () => {
    expect(capture.complaints()).toEqual([])
  })
})

function fromAlaw(bytes: Uint8Array): Float32Array {
  const decoder = new G711Decoder('pcma')
  const pcm = new Float32Array(bytes.length)
  for (let at = 0; at < bytes.length; at += PACKET) decoder.decode(bytes.subarray(at, at + PACKET), pcm.subarray(at))
  return pcm
}
