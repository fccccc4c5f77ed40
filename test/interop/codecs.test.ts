import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Baresip, type BaresipOptions } from './baresip.ts'
import { Capture } from './capture.ts'
import { Closing } from './closing.ts'
import { expectUnderstood, joined, narrowSpeech, seconds } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, expectQuiet, type House, heardAt, numberOf, openHouse, PHONE } from './house.ts'
import { portBlock } from './ports.ts'
import { report } from './report.ts'

/** Every codec of baresip's that Tandem has besides G.711, and both forms in which it offers SRTP. */
const PHONES = {
  g722: { codec: 'G722/16000' },
  opus: { codec: 'opus/48000/2' },
  l16: { codec: 'L16/16000/1' },
  savp: { codec: 'PCMA', parameters: 'mediaenc=srtp-mand' },
  avp: { codec: 'G722/16000', parameters: 'mediaenc=srtp' },
} as const satisfies Record<string, Pick<BaresipOptions, 'codec' | 'parameters'>>

type Name = keyof typeof PHONES
const NAMES = Object.keys(PHONES) as Name[]
const CLEAR = ['g722', 'opus', 'l16'] as const satisfies Name[]
const SECURE = ['savp', 'avp'] as const satisfies Name[]

const closing = new Closing()
let house: House
let capture: Capture

beforeAll(async () => {
  const users = NAMES.map((username) => ({ ...PHONE, username }))
  const codecs = ['G722', 'opus', 'L16', 'PCMA'] as const
  house = await openHouse(closing, { users }, { maxCalls: 2, media: { codecs: [...codecs], allowInsecureSrtp: true } })
  const { first, last } = house.rtpPorts
  const sipPort = Number(house.sip.split(':')[1])
  capture = new Capture({ filter: `udp port ${sipPort} or udp portrange ${first}-${last}`, sipPort })
  closing.add(async () => capture.forget())
  closing.add(() => capture.stop())
  await capture.started()
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

async function understandEachOther(name: Name): Promise<void> {
  const phone = new Baresip({
    ...PHONES[name],
    username: name,
    password: PHONE.password,
    registrar: house.sip,
    firstPort: await portBlock(Baresip.ports),
    speech: joined(narrowSpeech, seconds(2)),
  })
  try {
    await phone.registered()
    await phone.dial(numberOf('talker'))
    await phone.established()
    if (name === 'savp' || name === 'avp') expect(phone.program.output).toMatch(/SRTP is Enabled/)
    expect(await phone.over()).toBe('terminated')
    expectUnderstood(`${name} from WhatsApp`, phone.recording())
    expectUnderstood(`${name} to WhatsApp`, await heardAt(house, 'talker'))
  } finally {
    await phone.stop()
  }
}

describe('baresip', () => {
  it.each(CLEAR)('%s: talker and WhatsApp understand each other', understandEachOther)

  // Only of these: it reads no keys from SDP, and takes encrypted RTCP for broken.
  it('and Wireshark finds nothing to complain of', async () => {
    await capture.stop()
    const { first, last } = house.rtpPorts
    const rtp = (payload: string) =>
      capture.count(`rtp && udp.srcport >= ${first} && udp.srcport <= ${last} && ${payload}`)
    // Opus and L16 have numbers that the phone chose.
    const counts = { g722: rtp('rtp.p_type == 9'), chosen: rtp('rtp.p_type >= 96 && rtp.p_type <= 127') }
    report('codecs on the wire', counts)
    expect(counts.g722).toBeGreaterThan(400)
    expect(counts.chosen).toBeGreaterThan(800)
    expect(capture.complaints()).toEqual([])
  })

  it.each(SECURE)('%s: talker and WhatsApp understand each other', understandEachOther)
})
