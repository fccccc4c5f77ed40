import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { ConfigError } from '../../src/base/errors.ts'
import { type LogFields, silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import type { SipTlsOptions, SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { SipUserAgent } from '../../src/sip/user-agent.ts'
import { TestAuthority } from '../net/certificates.ts'
import { ANSWER, OFFER, record } from './pair.ts'

let authority: TestAuthority
let stranger: TestAuthority
const agents: SipUserAgent[] = []
const lines: { fields: LogFields; message: string }[] = []

beforeAll(() => {
  authority = new TestAuthority()
  stranger = new TestAuthority()
})
afterAll(() => {
  authority.remove()
  stranger.remove()
})
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop()
  lines.length = 0
})

async function agent(tls: Partial<SipTlsOptions>, options: Partial<SipUserAgentOptions> = {}): Promise<SipUserAgent> {
  const logger = { ...silentLogger, warn: (fields: LogFields, message: string) => void lines.push({ fields, message }) }
  const made = new SipUserAgent(
    {
      listeners: [{ transport: 'tls', address: '127.0.0.1', port: 0 }],
      tls: { clientCertificates: 'none', verifyServers: true, ...tls },
      realm: 'tandem',
      product: 'test',
      users: [{ username: '100', password: 'secret' }],
      registrations: [],
      staticTrunks: [{ name: 'neighbour', networks: ['127.0.0.1/32'] }],
      ...options,
    },
    { clock: systemClock, random: systemRandom, logger, network: new NodeNetwork(logger) },
  )
  await made.start()
  agents.push(made)
  return made
}

/** How a registration over TLS at that agent ends. */
async function registered(at: SipUserAgent, tls: Partial<SipTlsOptions>) {
  const registration = {
    name: 'office',
    registrar: `127.0.0.1:${at.listening[0]!.port}`,
    transport: 'tls',
    username: '100',
    password: 'secret',
    expiresS: 60,
  } as const
  const client = await agent(tls, { registrations: [registration] })
  const [office] = client.registrations
  await expect.poll(() => office!.state).not.toBe('registering')
  return office!.state
}

test('a server with a certificate of our authority; without one of our own we only connect', async () => {
  const server = await agent(authority.issue('IP:127.0.0.1'))
  expect(await registered(server, { ca: authority.ca })).toBe('registered')
  expect(server.contactsOf('100')).toMatchObject([{ transport: 'tls', username: '100' }])
})

test.each([
  ['of an unknown authority', () => stranger.issue('IP:127.0.0.1'), /unable to (get|verify)|self-signed/],
  ['for another host', () => authority.issue('IP:127.0.0.9'), /127\.0\.0\.1/],
  ['that has expired', () => authority.issue('IP:127.0.0.1', 0), /expired/],
])('a server with a certificate %s is refused, with a line that says why', async (_, identity, why) => {
  const server = await agent(identity())
  expect(await registered(server, { ca: authority.ca })).toBe('failed')
  const { error } = lines.find(({ message }) => message === 'SIP connection lost')!.fields
  expect(error).toMatch(/^TLS to 127\.0\.0\.1 at 127\.0\.0\.1:\d+: [^\n]+$/)
  expect(error).toMatch(why)
})

test('a client without the certificate that is required is refused, with a line that says why', async () => {
  const server = await agent({ ...authority.issue('IP:127.0.0.1'), ca: authority.ca, clientCertificates: 'required' })
  expect(await registered(server, { ca: authority.ca })).toBe('failed')
  const refused = lines.filter(({ message }) => message === 'TLS handshake refused')
  expect(refused).toMatchObject([
    { fields: { remote: '127.0.0.1', error: expect.stringMatching(/certificate/) as string } },
  ])
  expect(await registered(server, { ...authority.issue('IP:127.0.0.2'), ca: authority.ca })).toBe('registered')
})

test('sips: is dialled and taken over TLS', async () => {
  const server = await agent(authority.issue('IP:127.0.0.1'))
  server.onInvite((session) => session.accept(ANSWER))
  const client = await agent({ ca: authority.ca })
  const uri = `sips:4711@127.0.0.1:${server.listening[0]!.port}`
  const events = record(client.invite({ kind: 'uri', uri }, { caller: { user: '1' }, offer: () => OFFER }))
  await expect.poll(() => events.map(({ type }) => type)).toEqual(['established'])
})

test('a renewed certificate is what the next connection sees; calls over the old one go on', async () => {
  const server = await agent(authority.issue('IP:127.0.0.9'))
  server.onInvite((session) => session.accept(ANSWER))
  expect(await registered(server, { ca: authority.ca })).toBe('failed')
  server.renewTls({ clientCertificates: 'none', verifyServers: true, ...authority.issue('IP:127.0.0.1') })
  expect(await registered(server, { ca: authority.ca })).toBe('registered')
  const client = await agent({ ca: authority.ca })
  const uri = `sips:4711@127.0.0.1:${server.listening[0]!.port}`
  const session = client.invite({ kind: 'uri', uri }, { caller: { user: '1' }, offer: () => OFFER })
  const events = record(session)
  await expect.poll(() => events.map(({ type }) => type)).toEqual(['established'])
  server.renewTls({ clientCertificates: 'none', verifyServers: true, ...authority.issue('IP:127.0.0.9') })
  session.end()
  await expect.poll(() => server.stats().sessions).toBe(0)
})

test('an authority that is renewed decides about the next server', async () => {
  const server = await agent(authority.issue('IP:127.0.0.1'))
  const registration = {
    name: 'office',
    registrar: `127.0.0.1:${server.listening[0]!.port}`,
    transport: 'tls',
    username: '100',
    password: 'secret',
    expiresS: 60,
  } as const
  const client = await agent({ ca: stranger.ca }, { registrations: [registration] })
  await expect.poll(() => client.registrations[0]!.state).toBe('failed')
  client.renewTls({ clientCertificates: 'none', verifyServers: true, ca: authority.ca })
  const uri = `sips:1@127.0.0.1:${server.listening[0]!.port}`
  const events = record(client.invite({ kind: 'uri', uri }, { caller: { user: '1' }, offer: () => OFFER }))
  await expect.poll(() => events.map((event) => event.type === 'ended' && event.end.status)).toEqual([480])
})

test('a certificate without its key is refused, and the old one stays', async () => {
  const server = await agent(authority.issue('IP:127.0.0.1'))
  const { certificate } = authority.issue('IP:127.0.0.1')
  const { key } = authority.issue('IP:127.0.0.1')
  const mixed = { clientCertificates: 'none', verifyServers: true, certificate, key } as const
  expect(() => server.renewTls(mixed)).toThrow(ConfigError)
  expect(await registered(server, { ca: authority.ca })).toBe('registered')
})
