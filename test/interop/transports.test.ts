import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Identity, TestAuthority } from '../net/certificates.ts'
import { Baresip, type BaresipOptions } from './baresip.ts'
import { Capture } from './capture.ts'
import { Closing } from './closing.ts'
import { expectUnderstood, joined, narrowSpeech, seconds } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, expectQuiet, type House, heardAt, numberOf, openHouse, PHONE } from './house.ts'
import { portBlock } from './ports.ts'
import { report } from './report.ts'

const closing = new Closing()
let authority: TestAuthority
let own: Identity
let house: House
let ports: Record<'tcp' | 'tls', number>
let tlsKeyLog: string
const at = (transport: 'tcp' | 'tls') => `127.0.0.1:${ports[transport]};transport=${transport}`

beforeAll(async () => {
  authority = new TestAuthority()
  closing.add(async () => authority.remove())
  own = authority.issue('IP:127.0.0.1,DNS:localhost')
  const files = authority.files(own)
  const port = await portBlock(2)
  ports = { tcp: port, tls: port + 1 }
  tlsKeyLog = join(mkdtempSync(join(tmpdir(), 'tandem-keys-')), 'keys')
  closing.add(async () => rmSync(dirname(tlsKeyLog), { recursive: true, force: true }))
  const listen = [
    { transport: 'udp', address: '127.0.0.1', port: 0 },
    { transport: 'tcp', address: '127.0.0.1', port },
    { transport: 'tls', address: '127.0.0.1', port: port + 1 },
  ] as const
  const users = ['tcp', 'tls'].map((username) => ({ ...PHONE, username }))
  const inbound = { user: 'tls' }
  const sip = { listen: [...listen], users, tls: { certificate: files.certificate, key: files.key, ca: files.ca } }
  house = await openHouse(closing, sip, { maxCalls: 2, inbound, tlsKeyLog })
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

async function phone(username: 'tcp' | 'tls', options: Partial<BaresipOptions> = {}): Promise<Baresip> {
  return new Baresip({
    username,
    password: PHONE.password,
    registrar: at(username),
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
  expectUnderstood(`${name} from WhatsApp`, who.recording())
  expectUnderstood(`${name} to WhatsApp`, await heardAt(house, 'talker'))
}

/** Calls from a phone that has come up under Wireshark's eyes, which must have nothing against its SIP, or ours. */
async function watched(
  username: 'tcp' | 'tls',
  options: Partial<BaresipOptions>,
  afterwards: (who: Baresip) => Promise<void>,
): Promise<void> {
  const sipPort = ports[username]
  const capture = new Capture({ filter: `tcp port ${sipPort}`, sipPort, transport: username, keyLog: tlsKeyLog })
  await capture.started()
  const who = await phone(username, options)
  try {
    await talk(who, username)
    await afterwards(who)
    await capture.stop()
    const counts = { ours: capture.count(`sip && tcp.srcport == ${sipPort}`), sdp: capture.count('sdp') }
    report(`${username} on the wire`, counts)
    // REGISTER's 401 and 200; INVITE's 401, then 100, 180 and 200; BYE's 200.
    expect(counts.ours).toBeGreaterThanOrEqual(7)
    expect(counts.sdp).toBeGreaterThanOrEqual(2)
    expect(capture.complaints('sip')).toEqual([])
  } finally {
    await who.stop()
    await capture.stop()
    capture.forget()
  }
}

describe('baresip', () => {
  it('over TCP: registers, calls, hears and is heard', () => watched('tcp', {}, async () => {}))

  it('over TLS with SDES-SRTP: calls, and is called over the connection that it registered with', () =>
    watched('tls', { parameters: 'mediaenc=srtp', config: trusting() }, async (who) => {
      expect(who.program.output).toMatch(/SRTP is Enabled/)
      await house.whatsApp.ask('call', 'talker')
      expect(await who.rings()).toContain(numberOf('talker').slice(1))
      await who.answer()
      await who.established()
      await house.whatsApp.ask('waitForSpeech', 'talker')
      await house.whatsApp.ask('hangUp', 'talker')
      expect(await who.over()).toBe('Connection reset by peer')
    }))
})
