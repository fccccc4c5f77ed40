import { once } from 'node:events'
import { connect as tlsConnect } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ProtocolError } from '../../src/base/errors.ts'
import { type LogFields, silentLogger } from '../../src/base/logger.ts'
import type { StreamConnection, StreamListener, TlsClientOptions, TlsServerOptions } from '../../src/net/network.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { type Identity, TestAuthority } from './certificates.ts'

const warnings: LogFields[] = []
const network = new NodeNetwork({ ...silentLogger, warn: (fields) => void warnings.push(fields) })
const listeners: StreamListener[] = []
const connections: StreamConnection[] = []
let authority: TestAuthority
let own: Identity

beforeAll(() => {
  authority = new TestAuthority()
  own = authority.issue('DNS:pbx.test,IP:127.0.0.1')
})
afterAll(() => authority.remove())
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close()
  for (const listener of listeners.splice(0)) await listener.close()
  warnings.length = 0
})

/** A listener that sends back what it gets. */
async function echo(tls?: TlsServerOptions, address = '127.0.0.1', maxConnections = 10): Promise<StreamListener> {
  const listener = await network.listen({
    address,
    port: 0,
    tls,
    maxConnections,
    onConnection: (connection) => {
      connections.push(connection)
      return { onData: (bytes) => connection.send(bytes), onClosed: () => {} }
    },
  })
  listeners.push(listener)
  return listener
}

/** What comes back for `text`, or why the connection closed. */
function ask(
  listener: StreamListener,
  text: string,
  tls?: TlsClientOptions,
): Promise<string | ProtocolError | undefined> {
  return new Promise((resolve) => {
    const handlers = {
      onData: (bytes: Uint8Array) => resolve(Buffer.from(bytes).toString()),
      onClosed: (error?: ProtocolError) => resolve(error),
    }
    const connection = network.connect({ to: listener.local, tls }, handlers)
    connections.push(connection)
    connection.send(Buffer.from(text))
  })
}

const server = (clientCertificates: TlsServerOptions['clientCertificates'] = 'none'): TlsServerOptions => ({
  ...own,
  ca: authority.ca,
  clientCertificates,
})
const client = (options: Partial<TlsClientOptions> = {}): TlsClientOptions => ({
  serverName: 'pbx.test',
  verify: true,
  ca: authority.ca,
  ...options,
})

describe('TCP', () => {
  test.each(['127.0.0.1', '::1'])('what is sent before the connection is open arrives: %s', async (address) => {
    expect(await ask(await echo(undefined, address), 'hello')).toBe('hello')
  })

  test('a port where nobody listens', async () => {
    const listener = await echo()
    await listener.close()
    expect(await ask(listener, 'x')).toMatchObject({
      code: 'net.stream',
      message: expect.stringMatching(/^TCP at 127\.0\.0\.1:\d+: connect ECONNREFUSED/) as string,
    })
  })

  test('no more connections than allowed', async () => {
    const listener = await echo(undefined, '127.0.0.1', 1)
    expect(await ask(listener, 'first')).toBe('first')
    expect(await ask(listener, 'second')).not.toBe('second')
  })

  test('a port in use is an error that names it', async () => {
    const { local } = await echo()
    const options = { ...local, maxConnections: 1, onConnection: () => expect.unreachable() }
    await expect(network.listen(options)).rejects.toMatchObject({ code: 'net.bind', message: /EADDRINUSE/ })
  })
})

describe('TLS', () => {
  test('a certificate of the configured authority, by name and by address', async () => {
    expect(await ask(await echo(server()), 'hello', client())).toBe('hello')
    expect(await ask(await echo(server()), 'hello', client({ serverName: '127.0.0.1' }))).toBe('hello')
  })

  test.each([
    ['of an authority that is not known', () => own, { ca: undefined }, /unable to|self-signed|issuer/],
    ['for another name', () => own, { serverName: 'other.test' }, /other\.test/],
    ['that has expired', () => authority.issue('DNS:pbx.test', 0), {}, /expired/],
  ])('a certificate %s: refused with one line', async (_, identity, options, why) => {
    const listener = await echo({ ...identity(), clientCertificates: 'none' })
    const error = (await ask(listener, 'x', client(options))) as ProtocolError
    expect(error.message).toMatch(/^TLS to [a-z.]+ at 127\.0\.0\.1:\d+: [^\n]+$/)
    expect(error.message).toMatch(why)
  })

  test('verification can be switched off', async () => {
    expect(await ask(await echo(server()), 'hello', client({ ca: undefined, verify: false }))).toBe('hello')
  })

  test('client certificates: required, wrong, optional', async () => {
    const stranger = new TestAuthority()
    const required = await echo(server('required'))
    expect(await ask(required, 'with', client(own))).toBe('with')
    expect(await ask(required, 'without', client())).not.toBe('without')
    expect(await ask(required, 'wrong', client(stranger.issue('DNS:x')))).not.toBe('wrong')
    stranger.remove()
    expect(await ask(await echo(server('optional')), 'hello', client())).toBe('hello')
    expect(warnings[0]).toMatchObject({ remote: '127.0.0.1', error: expect.stringMatching(/^[^\n]+$/) as string })
  })

  test('TLS 1.1 is refused, and the log says so in one line', async () => {
    const { local } = await echo(server())
    const socket = tlsConnect({
      host: local.address,
      port: local.port,
      ca: authority.ca,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toMatch(/version|alert/)
    expect(warnings).toMatchObject([{ remote: '127.0.0.1', error: expect.stringMatching(/protocol/) as string }])
  })

  test('a peer that asks for ALPN is served without', async () => {
    const { local } = await echo(server())
    const socket = tlsConnect({
      host: local.address,
      port: local.port,
      servername: 'pbx.test',
      ca: authority.ca,
      ALPNProtocols: ['h2', 'sip/2'],
    })
    await once(socket, 'secureConnect')
    expect(socket.alpnProtocol).toBe(false)
    socket.destroy()
  })

  test('a key of another certificate is a ConfigError of one line', async () => {
    const tls = { ...own, key: authority.issue('DNS:x').key, clientCertificates: 'none' } as const
    await expect(echo(tls)).rejects.toMatchObject({
      code: 'config.tls',
      message: expect.stringMatching(
        /^the TLS certificate, key or CA cannot be used: [^\n]*key values mismatch/,
      ) as string,
    })
  })
})
