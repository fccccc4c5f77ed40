import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Baresip } from './baresip.ts'
import { Closing } from './closing.ts'
import { expectUnderstood, joined, narrowSpeech, seconds } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, endAt, expectQuiet, type House, heardAt, numberOf, openHouse, PHONE } from './house.ts'
import { portBlock } from './ports.ts'

const CODECS = ['PCMU', 'PCMA'] as const
type Codec = (typeof CODECS)[number]

const closing = new Closing()
let house: House
const phones = new Map<Codec, Baresip>()

beforeAll(async () => {
  const users = CODECS.map((codec) => ({ ...PHONE, username: codec }))
  house = await openHouse(closing, { users }, { maxCalls: 4, inbound: { user: 'PCMA' } })
  for (const codec of CODECS) {
    const phone = new Baresip({
      username: codec,
      password: PHONE.password,
      registrar: house.sip,
      codec,
      firstPort: await portBlock(Baresip.ports),
      // It hangs up when its speech ends: the silence leaves an echo the time to come back.
      speech: joined(narrowSpeech, seconds(2)),
    })
    phones.set(codec, phone)
    closing.add(() => phone.stop())
    await phone.registered()
  }
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

const phone = (codec: Codec): Baresip => phones.get(codec)!

async function talk(codec: Codec, callee: string): Promise<void> {
  await phone(codec).dial(numberOf(callee))
  await phone(codec).established()
  expect(await phone(codec).over()).toBe('terminated')
}

describe('baresip registered at the gateway', () => {
  it.each([
    { talker: 'PCMU', echo: 'PCMA' },
    { talker: 'PCMA', echo: 'PCMU' },
  ] as const)('hears the talker in $talker and its own echo in $echo, two calls at once', async ({ talker, echo }) => {
    await Promise.all([talk(talker, 'talker'), talk(echo, 'echo')])
    expectUnderstood(`${talker} talker`, phone(talker).recording())
    expectUnderstood(`${talker} to WhatsApp`, await heardAt(house, 'talker'))
    expectUnderstood(`${echo} echo`, phone(echo).recording())
  })

  it('is called from WhatsApp, answers, and is hung up on', async () => {
    const callee = phone('PCMA')
    await house.whatsApp.ask('call', 'talker')
    expect(await callee.rings()).toContain(numberOf('talker').slice(1))
    await callee.answer()
    await callee.established()
    await house.whatsApp.ask('waitForSpeech', 'talker')
    await house.whatsApp.ask('hangUp', 'talker')
    // Its words for a BYE.
    expect(await callee.over()).toBe('Connection reset by peer')
    expectUnderstood('called by the talker', callee.recording())
    expect(await endAt(house, 'talker')).toBe('hung-up')
  })

  it('hangs up, and WhatsApp knows', async () => {
    await phone('PCMU').dial(numberOf('recorder'))
    await phone('PCMU').established()
    await phone('PCMU').hangUp()
    await expect.poll(() => endAt(house, 'recorder')).toBe('ended')
  })

  it('hangs up while it rings there', async () => {
    await phone('PCMU').dial(numberOf('never'))
    await expect.poll(async () => (await house.whatsApp.ask('latestCall', 'never'))?.state).toBe('ringing')
    await phone('PCMU').hangUp()
    await expect.poll(() => endAt(house, 'never')).toBe('ended')
  })

  it.each([
    ['busy', numberOf('busy'), '486 Busy Here'],
    ['declined', numberOf('declines'), '603 Decline'],
    ['a number that is not on WhatsApp', '+491713920099', '404 Not Found'],
    ['an emergency number', '112', '403 Forbidden'],
  ])('shows %s', async (_, number, shown) => {
    await phone('PCMA').dial(number)
    expect(await phone('PCMA').over()).toBe(shown)
  })
})
