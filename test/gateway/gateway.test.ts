import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigError, ProtocolError } from '../../src/base/errors.ts'
import { type Logger, silentLogger } from '../../src/base/logger.ts'
import { Legs } from '../../src/bridge/legs.ts'
import type { Rehearsal } from '../../src/bridge/rehearsal/rehearsal.ts'
import { configFrom } from '../../src/config/load.ts'
import { accountFile, openStore } from '../../src/gateway/files.ts'
import { Gateway } from '../../src/gateway.ts'
import { UdpTransport } from '../../src/sip/transport/udp-transport.ts'
import { AccountStore } from '../../src/whatsapp/account/store.ts'

const LOOPBACK = '127.0.0.1'

let dataDirectory: string
beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-gateway-'))
})
afterEach(() => rmSync(dataDirectory, { recursive: true, force: true }))

type Settings = Parameters<typeof configFrom>[0]

const configWith = (more: Settings = {}) =>
  configFrom({
    dataDirectory,
    sip: { listen: [{ transport: 'udp', address: LOOPBACK, port: 0 }] },
    media: { address: LOOPBACK },
    whatsapp: { accounts: [{ name: 'first' }, { name: 'second' }] },
    ...more,
  })

const newGateway = (more: Settings = {}) => new Gateway(configWith(more), { log: silentLogger, product: 'Tandem/test' })

function faultOf(make: () => unknown): Error {
  try {
    make()
  } catch (error) {
    return error as Error
  }
  throw new Error('no fault')
}

/** A store is locked as long as it is open. */
function expectStoresFree(): void {
  for (const name of ['first', 'second']) openStore(configWith(), name).close()
}

describe('a gateway that cannot be made', () => {
  it.each<[string, () => Settings, string]>([
    [
      'call records in a directory that is not there',
      () => ({ cdr: { file: '/nonexistent/cdr.jsonl' } }),
      'cdr.file: "/nonexistent/cdr.jsonl": ENOENT: must be a file that Tandem may append to, in a directory that exists',
    ],
    [
      'a data directory that is a file',
      () => ({ dataDirectory: '/dev/null' }),
      'dataDirectory: "/dev/null": EEXIST: must be a directory that Tandem may write to',
    ],
    [
      'a certificate that is not there',
      () => ({
        sip: {
          listen: [{ transport: 'tls', address: LOOPBACK, port: 0 }],
          tls: { certificate: '/nonexistent/cert.pem', key: '/nonexistent/key.pem' },
        },
      }),
      'sip.tls.certificate: file /nonexistent/cert.pem cannot be read (ENOENT)',
    ],
  ])('%s: one line that names the key, and no file stays open', (_, settings, message) => {
    const fault = faultOf(() => newGateway(settings()))
    expect(fault).toBeInstanceOf(ConfigError)
    expect(fault.message).toBe(message)
    expectStoresFree()
  })

  it('a ledger that is none: the stores opened before it are closed', () => {
    writeFileSync(join(dataDirectory, 'dialler.sqlite'), 'this is no database, and long enough to be seen as none')
    expect(faultOf(newGateway)).toMatchObject({ code: 'dialler.not-a-ledger' })
    expectStoresFree()
  })

  it('a ledger that is none: what closes badly hides neither that nor the other files', () => {
    writeFileSync(join(dataDirectory, 'dialler.sqlite'), 'this is no database, and long enough to be seen as none')
    const close = AccountStore.prototype.close
    const closing = vi.spyOn(AccountStore.prototype, 'close').mockImplementation(function (this: AccountStore) {
      close.call(this)
      throw new Error('the disk is full')
    })
    try {
      expect(faultOf(newGateway)).toMatchObject({ code: 'dialler.not-a-ledger' })
      expect(closing).toHaveBeenCalledTimes(2)
    } finally {
      closing.mockRestore()
    }
    expectStoresFree()
  })

  it('a client that cannot be made: no file stays open', () => {
    const inProcess = {
      openClient: () => {
        throw new Error('no client')
      },
      connectRelay: () => expect.unreachable(),
    }
    const fault = faultOf(() => new Gateway(configWith(), { log: silentLogger, product: 'Tandem/test', inProcess }))
    expect(fault.message).toBe('no client')
    expectStoresFree()
  })

  it('an account that another process holds: the first account is free again', () => {
    const held = openStore(configWith(), 'second')
    const fault = faultOf(newGateway)
    expect(fault).toMatchObject({ code: 'account.locked' })
    expect(fault.message).toContain(accountFile(configWith(), 'second'))
    held.close()
    expectStoresFree()
  })
})

describe('start', () => {
  it('with a taken HTTP port rejects with a line that says which, and stops cleanly', async () => {
    const holder = createServer().listen(0, LOOPBACK)
    await once(holder, 'listening')
    const { port } = holder.address() as AddressInfo
    const gateway = newGateway({ http: { enabled: true, port } })
    const started = gateway.start()
    await expect(started).rejects.toThrow(ProtocolError)
    await expect(started).rejects.toThrow(`http: cannot listen at ${LOOPBACK}:${port} (EADDRINUSE)`)
    await gateway.stop()
    holder.close()
    expectStoresFree()
  })
})

it('an account that is banned for a time: the log says for how many seconds', async () => {
  const lines: unknown[] = []
  const take = (fields: object, message: string) => void lines.push({ ...fields, message })
  const log: Logger = { ...silentLogger, warn: take, child: () => log }
  const gateway = new Gateway(configWith(), { log, product: 'Tandem/test' })
  vi.spyOn(Legs.prototype, 'rehearse').mockResolvedValue({} as Rehearsal)
  await gateway.start()
  const { client } = gateway.account('first')!
  vi.spyOn(client, 'retryAfterS', 'get').mockReturnValue(86_400)
  client.events.emit({ type: 'state', state: 'banned', reason: 'status 402' })
  expect(lines).toContainEqual(expect.objectContaining({ message: 'WhatsApp account', retryAfterS: 86_400 }))
  vi.restoreAllMocks()
  await gateway.stop()
})

describe('stop', () => {
  it('that comes while the gateway still starts wins: neither SIP nor an account is opened', async () => {
    const gateway = newGateway()
    const opened: string[] = []
    vi.spyOn(UdpTransport.prototype, 'open').mockImplementation(async () => void opened.push('SIP'))
    for (const name of ['first', 'second']) gateway.account(name)!.client.start = async () => void opened.push(name)
    let rehearsed = (_: Rehearsal) => {}
    vi.spyOn(Legs.prototype, 'rehearse').mockReturnValue(new Promise((resolve) => (rehearsed = resolve)))
    const started = gateway.start()
    await gateway.stop()
    rehearsed({} as Rehearsal)
    await started
    vi.restoreAllMocks()
    expect(opened).toEqual([])
    expect(gateway.status().state).toBe('stopped')
    expectStoresFree()
  })

  it('ends every part, though one of them fails to, and then says so each time it is asked', async () => {
    const gateway = newGateway()
    const stopped: string[] = []
    for (const name of ['first', 'second']) {
      const { client } = gateway.account(name)!
      const stop = client.stop.bind(client)
      client.stop = async () => {
        await stop()
        stopped.push(name)
        throw new Error(`the connection of ${name} will not close`)
      }
    }
    const both = 'Error: the connection of first will not close; Error: the connection of second will not close'
    await expect(gateway.stop()).rejects.toThrow(both)
    await expect(gateway.stop()).rejects.toThrow(both)
    expect(stopped).toEqual(['first', 'second'])
    expect(gateway.status().state).toBe('stopped')
    expectStoresFree()
  })
})
