import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Baresip } from './baresip.ts'
import { Closing } from './closing.ts'
import { expectUnderstood, joined, narrowSpeech, seconds } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, endAt, expectQuiet, type House, numberOf, openHouse } from './house.ts'
import { Kamailio, registrar } from './kamailio.ts'
import { portBlock } from './ports.ts'

const GATEWAY = { username: 'tandem', password: 'secret-of-the-gateway' } as const
const DESK = 'desk'

let kamailio: Kamailio
const closing = new Closing()
let house: House
let phone: Baresip

beforeAll(async () => {
  const port = await portBlock(2)
  kamailio = new Kamailio(registrar({ port, gatewayUser: GATEWAY.username, gatewayPassword: GATEWAY.password }))
  closing.add(() => kamailio.stop())
  house = await openHouse(
    closing,
    { registrations: [{ name: 'pbx', registrar: '127.0.0.1', port, ...GATEWAY }] },
    { maxCalls: 2, inbound: { trunk: 'pbx', extension: DESK } },
  )
  phone = new Baresip({
    username: DESK,
    password: 'unused',
    registrar: `127.0.0.1:${port}`,
    parameters: `outbound="sip:127.0.0.1:${port}"`,
    codec: 'PCMA',
    firstPort: await portBlock(Baresip.ports),
    speech: joined(narrowSpeech, seconds(2)),
  })
  closing.add(() => phone.stop())
  await phone.registered()
  await kamailio.program.waitFor(new RegExp(`registered: ${GATEWAY.username}`), 10_000)
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

describe('Kamailio between a phone and the gateway', () => {
  it('takes the registration of the gateway, whose password it asks for', async () => {
    const trunks = async () => (await house.gateway.ask('status')).trunks
    await expect.poll(trunks).toMatchObject([{ name: 'pbx', state: 'registered', isReady: true }])
  })

  it('carries a call from the phone to WhatsApp, with ACK and BYE along its Record-Route', async () => {
    await phone.dial(numberOf('talker'))
    await phone.established()
    expect(await phone.over()).toBe('terminated')
    expectUnderstood('through Kamailio', phone.recording())
    await expect.poll(() => endAt(house, 'talker')).toBe('ended')
  })

  it('carries a call from WhatsApp to the phone, which hangs up', async () => {
    await house.whatsApp.ask('call', 'talker')
    await phone.rings()
    await phone.answer()
    await phone.established()
    await phone.hangUp()
    await expect.poll(() => endAt(house, 'talker')).toBe('ended')
  })

  it('carries a BYE of the gateway', async () => {
    await phone.dial(numberOf('talker'))
    await phone.established()
    await house.whatsApp.ask('hangUp', 'talker')
    expect(await phone.over()).toBe('Connection reset by peer')
  })

  it('carries the CANCEL of a phone', async () => {
    await phone.dial(numberOf('never'))
    await expect.poll(async () => (await house.whatsApp.ask('latestCall', 'never'))?.state).toBe('ringing')
    await phone.hangUp()
    await expect.poll(() => endAt(house, 'never')).toBe('ended')
  })

  it('carries a refusal', async () => {
    await phone.dial(numberOf('busy'))
    expect(await phone.over()).toBe('486 Busy Here')
  })
})
