import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Identity, TestAuthority } from '../net/certificates.ts'
import { Baresip, type BaresipOptions } from './baresip.ts'
import { Closing } from './closing.ts'
import { hearSpeech, joined, LEAST_STOI, narrowSpeech, seconds } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, expectQuiet, type House, numberOf, openHouse, PHONE } from './house.ts'
import { portBlock } from './ports.ts'
import { report } from './report.ts'

const closing = new Closing()
let authority: TestAuthority
let own: Identity
let house: House
let tcp: string
let tls: string

beforeAll(async () => {
  authority = new TestAuthority()
  closing.add(async () => authority.remove())
  own = authority.issue('IP:127.0.0.1,DNS:localhost')
  const files = authority.files(own)
  const port = await portBlock(2)
  tcp = `127.0.0.1:${port};transport=tcp`
  tls = `127.0.0.1:${port + 1};transport=tls`
  const listen = [
    { transport: 'udp', address: '127.0.0.1', port: 0 },
    { transport: 'tcp', address: '127.0.0.1', port },
    { transport: 'tls', address: '127.0.0.1', port: port + 1 },
  ] as const
  const users = ['tcp', 'tls'].map((username) => ({ ...PHONE, username }))
  const inbound = { user: 'tls' }
  const sip = { listen: [...listen], users, tls: { certificate: files.certificate, key: files.key, ca: files.ca } }
  house = await openHouse(closing, sip, { maxCalls: 2, inbound })
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

async function phone(username: string, at: string, options: Partial<BaresipOptions> = {}): Promise<Baresip> {
  return new Baresip({
    username,
    password: PHONE.password,
    registrar: at,
    codec: 'PCMA',
    firstPort: await portBlock(Baresip.ports),
    speech: joined(narrowSpeech, seconds(2)),
    ...options,
  })
}

/** What a phone would need to believe our certificate; baresip 1.0.0 believes any (test/sip/tls.test.ts has the refusals). */
const trusting = () => [`sip_cafile ${authority.files(own).ca}`, 'sip_verify_server yes']

async function talk(who: Baresip, name: string): Promise<void> {
  await who.registered()
  await who.dial(numberOf('talker'))
  await who.established()
  expect(await who.over()).toBe('terminated')
  const here = hearSpeech(who.recording())
  const other = await house.whatsApp.ask('latestCall', 'talker')
  const there = hearSpeech({ pcm: other!.heard, sampleRateHz: 16_000 })
  report(`${name} from WhatsApp`, here)
  report(`${name} to WhatsApp`, there)
  expect(here.stoi).toBeGreaterThanOrEqual(LEAST_STOI)
  expect(there.stoi).toBeGreaterThanOrEqual(LEAST_STOI)
}

describe('baresip', () => {
  it('over TCP: registers, calls, hears and is heard', async () => {
    const who = await phone('tcp', tcp)
    try {
      await talk(who, 'tcp')
    } finally {
      await who.stop()
    }
  })

  it('over TLS with SDES-SRTP: calls, and is called over the connection that it registered with', async () => {
    const who = await phone('tls', tls, { parameters: 'mediaenc=srtp', config: trusting() })
    try {
      await talk(who, 'tls')
      expect(who.program.output).toMatch(/SRTP is Enabled/)
      await house.whatsApp.ask('call', 'talker')
      expect(await who.rings()).toContain(numberOf('talker').slice(1))
      await who.answer()
      await who.established()
      await house.whatsApp.ask('waitForSpeech', 'talker')
      await house.whatsApp.ask('hangUp', 'talker')
      expect(await who.over()).toBe('Connection reset by peer')
    } finally {
      await who.stop()
    }
  })
})
