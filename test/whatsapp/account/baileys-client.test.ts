import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import type { LogFields, Logger } from '../../../src/base/logger.ts'
import type { Random } from '../../../src/base/random.ts'
import { element } from '../../../src/sim/server/node.ts'
import type { BaileysClient } from '../../../src/whatsapp/account/baileys-client.ts'
import type { WaEvent, WaNode } from '../../../src/whatsapp/wa-client.ts'
import { simAccount, until, untilState } from './sim-account.ts'

const longest: Random = { bytes: () => new Uint8Array(), below: (limit) => limit - 1 }
const callKey = new Uint8Array(32).fill(5)

let account: Awaited<ReturnType<typeof simAccount>>

beforeEach(async () => {
  account = await simAccount()
})
afterEach(async () => {
  await account.end()
  expect(account.clock.pendingTimers).toBe(0)
})

async function open(options: Parameters<typeof account.makeClient>[0] = {}): Promise<BaileysClient> {
  const client = account.makeClient({ random: longest, ...options })
  const opened = untilState(client, 'open')
  await client.start()
  await opened
  return client
}

function recorded(client: BaileysClient): WaEvent[] {
  const events: WaEvent[] = []
  client.events.on((event) => events.push(event))
  return events
}

const device = (client: BaileysClient) => account.sim.directory.deviceByJid(client.self()!.lid)!
const acks = (kind: string) =>
  account.fromClient.filter(({ tag, attrs }) => tag === 'ack' && attrs.class === kind).map(({ attrs }) => attrs.id)
/** Lets the server end the connection with `<failure>`. */
const refuse = (attrs: Record<string, string>) =>
  account.sim.post.answer(account.owner.devices.get(1)!.jid, element('failure', attrs))
const callFrom = (id: string): WaNode => {
  const from = account.devices[0].jid
  const action = element('terminate', { 'call-id': 'C', 'call-creator': from })
  return element('call', { from, id, t: '1700000000' }, [action])
}

describe('pairing', () => {
  it('shows a QR text, restarts as the server asks, and is kept', async () => {
    const client = account.makeClient({ pairing: { method: 'qr' } })
    const events = recorded(client)
    await client.start()
    const qr = (await until(client, (event) => event.type === 'qr')) as Extract<WaEvent, { type: 'qr' }>
    expect(client.self()).toBeUndefined()
    const closed = untilState(client, 'closed')
    account.sim.pairing.scan(qr.text, account.owner)
    await closed
    expect(account.store.isPaired).toBe(true)
    const opened = untilState(client, 'open')
    await account.clock.advance(0)
    await opened
    expect(events.filter(({ type }) => type === 'state').map((event) => 'state' in event && event.state)).toEqual([
      'connecting',
      'pairing',
      'closed',
      'connecting',
      'open',
    ])
    expect(client.self()).toEqual({ pn: '4915100000001:1@s.whatsapp.net', lid: '100000000000001:1@lid' })
    await client.stop()
    expect((await open()).state).toBe('open')
  })

  it('asks for a code once in a connection, and a code that nobody typed leaves no trace', async () => {
    const client = account.makeClient({ pairing: { method: 'code', number: account.owner.number } })
    const events = recorded(client)
    await client.start()
    await until(client, (event) => event.type === 'pairing-code')
    expect(events.filter(({ type }) => type === 'pairing-code')).toEqual([
      { type: 'pairing-code', code: expect.stringMatching(/^[1-9A-Z]{8}$/) },
    ])
    expect(account.store.isPaired).toBe(false)
    await client.stop()
    await account.pair()
    expect(account.store.isPaired).toBe(true)
  })

  it('is not begun by a client that was not told to', async () => {
    const client = account.makeClient()
    const events = recorded(client)
    await client.start()
    expect(events).toEqual([{ type: 'state', state: 'logged-out', reason: 'not paired' }])
    expect(account.links).toHaveLength(0)
  })

  it('can be stopped halfway', async () => {
    const client = account.makeClient({ pairing: { method: 'qr' } })
    await client.start()
    await client.stop()
    expect(client.state).toBe('closed')
  })
})

describe('the connection', () => {
  beforeEach(() => account.pair())

  it('comes back after longer and longer delays, and takes over the calls each time', async () => {
    const client = await open({ reconnect: { firstDelayMs: 1000, maxDelayMs: 60_000, stableAfterMs: 60_000 } })
    const calls: (string | undefined)[] = []
    client.onCall((node) => calls.push(node.attrs.id))
    for (const [round, delayMs] of [1000, 2000, 4000].entries()) {
      const closed = untilState(client, 'closed')
      account.sim.drop(device(client))
      await closed
      await account.clock.advance(delayMs - 1)
      expect(client.state).toBe('closed')
      const opened = untilState(client, 'open')
      await account.clock.advance(1)
      await opened
      account.sim.post.deliver(client.self()!.lid, callFrom(`IN${round}`))
      await client.send(element('iq', { to: 's.whatsapp.net', type: 'get', xmlns: 'w:p', id: `BARRIER${round}` }))
      await account.received((node) => node.attrs.id === `BARRIER${round}`)
      expect(calls).toContain(`IN${round}`)
    }
    expect(acks('call')).toEqual([])
  })

  it.each([
    ['logged-out', /^status 401:/, () => account.sim.unlink(account.owner, account.owner.devices.get(1)!)],
    ['logged-out', /^status 403:/, () => refuse({ reason: '403', appeal_token: 'x' })],
    ['replaced', /^status 440:/, () => account.sim.replace(account.owner.devices.get(1)!)],
    ['banned', /^status 406:/, () => refuse({ reason: '406' })],
  ] as const)('stays down once it is %s (%s), and says so', async (state, reason, happen) => {
    const client = await open()
    const events = recorded(client)
    const ended = untilState(client, state)
    happen()
    await ended
    expect(events).toEqual([{ type: 'state', state, reason: expect.stringMatching(reason) }])
    expect(client.retryAfterS).toBeUndefined()
    expect(account.clock.pendingTimers).toBe(0)
    await expect(client.send(element('presence'))).rejects.toMatchObject({ code: 'whatsapp.offline' })
  })

  it('comes back by itself when a ban is over, and says until when it lasts', async () => {
    const client = await open({ reconnect: { firstDelayMs: 1000 } })
    const closed = untilState(client, 'closed')
    account.sim.ban(device(client), 402, 3_600_000)
    await closed
    const banned = untilState(client, 'banned')
    await account.clock.advance(1000)
    await banned
    // The server counts in its own time, which has gone on a little.
    expect(client.retryAfterS).toBeGreaterThan(3590)
    await account.clock.advance(1_000_000)
    expect(client.retryAfterS).toBeLessThanOrEqual(2600)
    expect(client.state).toBe('banned')
    account.sim.ban(account.owner.devices.get(1)!, 402, 0)
    const opened = untilState(client, 'open')
    await account.clock.advance(2_600_000)
    await opened
    expect(client.retryAfterS).toBeUndefined()
  })

  it('tries again every quarter of an hour when its version is refused', async () => {
    const client = await open()
    const closed = untilState(client, 'closed')
    refuse({ reason: '405' })
    await closed
    expect(client.retryAfterS).toBe(900)
    await account.clock.advance(899_999)
    expect(client.state).toBe('closed')
    const opened = untilState(client, 'open')
    await account.clock.advance(1)
    await opened
  })

  it('that was removed on the phone is refused again after a restart of the program, without a loop', async () => {
    const first = await open()
    await first.stop()
    account.owner.devices.delete(1)
    const second = account.makeClient()
    const ended = untilState(second, 'logged-out')
    await second.start()
    await ended
    expect(account.clock.pendingTimers).toBe(0)
  })

  it('that was removed on the phone is paired again by a client that was told to pair', async () => {
    const oldKey = Buffer.from(account.store.creds.signedIdentityKey.public)
    account.owner.devices.delete(1)
    const client = account.makeClient({ pairing: { method: 'qr' } })
    client.events.on((event) => {
      if (event.type === 'qr') account.sim.pairing.scan(event.text, account.owner)
      if (event.type === 'state' && event.state === 'closed') void account.clock.advance(120_000)
    })
    const opened = untilState(client, 'open')
    await client.start()
    await opened
    expect(Buffer.from(account.store.creds.signedIdentityKey.public).equals(oldKey)).toBe(false)
    expect(client.self()?.lid).toBe(account.owner.devices.get(1)?.jid)
  })

  it('survives bytes that no one can read, by starting over', async () => {
    const client = await open()
    for (const garbage of [Buffer.from([0, 0, 5, 1, 2, 3, 4, 5]), Buffer.alloc(300, 0xff)]) {
      const closed = untilState(client, 'closed')
      account.links.at(-1)!.send(garbage)
      // A frame that claims to be longer than what came is waited for; the server then hangs up.
      if (garbage[0] === 0xff) account.links.at(-1)!.close()
      await closed
      const opened = untilState(client, 'open')
      await account.clock.advance(120_000)
      await opened
    }
  })

  it('is given up when the other side does not even answer its end', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.on('connection', (peer) => {
      peer.once('message', () => {
        // Five bytes that are no answer to the handshake.
        peer.send(Buffer.from([0, 0, 5, 1, 2, 3, 4, 5]))
        peer.pause()
      })
    })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = account.makeClient({ url: `ws://127.0.0.1:${port}/` })
    const closed = untilState(client, 'closed')
    await client.start()
    await closed
    await client.stop()
    for (const peer of server.clients) peer.terminate()
    server.close()
    // Two seconds of real time; without the bound it would be thirty.
  }, 20_000)

  it('takes what is said into a dead connection for sent; nobody hears it', async () => {
    const client = await open()
    const calls: (string | undefined)[] = []
    client.onCall((node) => calls.push(node.attrs.id))
    const closed = untilState(client, 'closed')
    account.sim.swallow(device(client), 50)
    account.sim.post.deliver(client.self()!.lid, callFrom('LATER'))
    await client.send(element('presence', { id: 'LOST' }))
    await closed
    expect(calls).toEqual([])
    const opened = untilState(client, 'open')
    await account.clock.advance(120_000)
    await opened
    await client.send(element('iq', { to: 's.whatsapp.net', type: 'get', xmlns: 'w:p', id: 'BARRIER' }))
    await account.received((node) => node.attrs.id === 'BARRIER')
    expect(account.fromClient.filter(({ attrs }) => attrs.id === 'LOST')).toEqual([])
  })

  it('tries again later when there is no server', async () => {
    const client = account.makeClient({ random: longest, url: 'ws://127.0.0.1:1/', reconnect: { firstDelayMs: 1000 } })
    const attempts = () => events.filter((event) => event.type === 'state' && event.state === 'connecting').length
    const events = recorded(client)
    await client.start()
    for (const [round, delayMs] of [1000, 2000].entries()) {
      if (client.state === 'connecting') await untilState(client, 'closed')
      await account.clock.advance(delayMs - 1)
      expect(attempts()).toBe(round + 1)
      await account.clock.advance(1)
      expect(attempts()).toBe(round + 2)
    }
  })

  it('sends nothing before the server has accepted the login', async () => {
    const client = account.makeClient()
    const refusals: Promise<unknown>[] = []
    account.fromClient.length = 0
    const opened = untilState(client, 'open')
    await client.start()
    while (client.state === 'connecting') {
      refusals.push(
        client.send(element('presence')).then(
          () => 'sent',
          (error) => error.code,
        ),
      )
      await new Promise(setImmediate)
      if (account.fromClient.some(({ attrs }) => attrs.xmlns === 'passive')) break
    }
    await opened
    expect(refusals.length).toBeGreaterThan(3)
    expect(await refusals[0]).toBe('whatsapp.offline')
    expect(account.sim.journal.violations).toEqual([])
  })

  it('ends rather than go on with credentials that cannot be kept, and comes back when they can', async () => {
    const client = account.makeClient({ random: longest })
    const { saveCreds } = account.store
    const closed = untilState(client, 'closed')
    account.store.saveCreds = () => {
      throw new Error('disk full')
    }
    await client.start()
    await closed
    account.store.saveCreds = saveCreds
    const opened = untilState(client, 'open')
    await account.clock.advance(120_000)
    await opened
  })

  it('survives a stanza handler that throws, and one of its states', async () => {
    const client = account.makeClient()
    const opened = untilState(client, 'open')
    client.events.on(() => {
      throw new Error('a handler of the test')
    })
    await client.start()
    await opened
    client.onCall(() => {
      throw new Error('a handler of the test')
    })
    const heard = new Promise<WaNode>((resolve) => client.onReceipt(resolve))
    account.sim.post.deliver(client.self()!.lid, callFrom('IN1'))
    account.sim.post.deliver(client.self()!.lid, element('receipt', { from: account.devices[0].jid, id: 'R1', t: '1' }))
    expect((await heard).attrs.id).toBe('R1')
    expect(client.state).toBe('open')
  })

  it('brings the calls that came while it was down, marked, and can acknowledge them at once', async () => {
    const lid = account.owner.devices.get(1)!.jid
    account.sim.post.deliver(lid, callFrom('MISSED'))
    const client = account.makeClient()
    const calls: WaNode[] = []
    client.onCall((node) => {
      calls.push(node)
      void client.send(element('ack', { class: 'call', id: node.attrs.id, to: node.attrs.from, type: 'terminate' }))
    })
    await client.start()
    await account.received((node) => node.tag === 'ack' && node.attrs.id === 'MISSED')
    expect(calls[0]?.attrs).toMatchObject({ id: 'MISSED', offline: '0' })
    expect(acks('call')).toEqual(['MISSED'])
    expect(account.sim.journal.violations).toEqual([])
  })

  it('passes on until when WhatsApp restricts the account, and that it does no more', async () => {
    const client = await open()
    const events = recorded(client)
    const untilMs = Math.ceil(Date.now() / 1000) * 1000 + 3_600_000
    for (const each of [untilMs, undefined]) {
      const heard = until(client, (event) => event.type === 'restricted')
      account.sim.restrict(device(client), each)
      await heard
    }
    expect(events).toEqual([
      { type: 'restricted', untilMs },
      { type: 'restricted', untilMs: undefined },
    ])
  })

  it('acknowledges each receipt once, besides handing it over', async () => {
    const client = await open()
    account.sim.post.deliver(client.self()!.lid, element('receipt', { from: account.devices[0].jid, id: 'R1', t: '1' }))
    await account.received((node) => node.tag === 'ack' && node.attrs.id === 'R1')
    await client.send(element('iq', { to: 's.whatsapp.net', type: 'get', xmlns: 'w:p', id: 'BARRIER' }))
    await account.received((node) => node.attrs.id === 'BARRIER')
    expect(acks('receipt')).toEqual(['R1'])
    expect(account.sim.journal.violations).toEqual([])
  })
})

describe('users, devices and keys', () => {
  beforeEach(() => account.pair())

  const userQueries = () => account.fromClient.filter(({ attrs }) => attrs.xmlns === 'usync').length

  it('asks WhatsApp once for a number, known or not, until its answer is old', async () => {
    const client = await open({ lidCache: { positiveTtlMs: 10_000, negativeTtlMs: 1000 } })
    for (let i = 0; i < 3; i++) {
      expect(await client.lidForNumber('4915200000001')).toBe('200000000000001@lid')
      expect(await client.lidForNumber('4930000000000')).toBeUndefined()
    }
    expect(userQueries()).toBe(2)
    await account.clock.advance(1000)
    expect(await client.lidForNumber('4930000000000')).toBeUndefined()
    expect(await client.lidForNumber('4915200000001')).toBe('200000000000001@lid')
    expect(userQueries()).toBe(3)
  })

  it('names a user by number without a connection, once it has met the user', async () => {
    const client = await open()
    await client.lidForNumber('4915200000001')
    await client.stop()
    expect(await client.numberForLid('200000000000001:1@lid')).toBe('4915200000001')
  })

  it('lists devices without touching the sessions with them or using up their keys', async () => {
    const client = await open()
    const [, linked] = account.devices
    const first = await client.encryptCallKey([linked.jid], callKey)
    await account.peers.get(linked.jid)!.openKey(client.self()!.lid, first.keys[0]!.type, first.keys[0]!.ciphertext)
    const answer = await account.peers.get(linked.jid)!.sealKey(client.self()!.lid, callKey)
    await client.decryptCallKey(linked.jid, answer.type, answer.ciphertext)
    const keysLeft = account.devices.map(({ keys }) => keys?.oneTimeKeys.length)
    for (let i = 0; i < 3; i++) expect(await client.devices('200000000000001@lid')).toHaveLength(2)
    expect(await client.devices('4915200000001@s.whatsapp.net')).toHaveLength(2)
    expect(account.devices.map(({ keys }) => keys?.oneTimeKeys.length)).toEqual(keysLeft)
    expect((await client.encryptCallKey([linked.jid], callKey)).keys[0]?.type).toBe('msg')
  })

  it('takes all names of a device for one session, so that no ratchet step is lost', async () => {
    const client = await open()
    const phone = account.devices[0].jid
    const names = Array.from({ length: 12 }, (_, i) => (i % 2 ? phone : phone.replace('@', ':0@')))
    const results = await Promise.all(names.map((name) => client.encryptCallKey([name], callKey)))
    expect(results.map(({ keys }) => keys[0]?.jid)).toEqual(names)
    for (const { keys } of results) {
      const opened = account.peers.get(phone)!.openKey(client.self()!.lid, keys[0]!.type, keys[0]!.ciphertext)
      expect(await opened).toEqual(callKey)
    }
  })

  it('keeps the token that a user gives, until it is old', async () => {
    const client = await open()
    const lid = '200000000000001@lid'
    const give = async (id: string, token: number, timestampS: number) => {
      const attrs = { type: 'trusted_contact', t: String(timestampS), jid: client.self()!.lid }
      const tokens = element('tokens', {}, [element('token', attrs, Uint8Array.of(token, 2, 3))])
      const notification = element('notification', { from: lid, id, type: 'privacy_token', t: '1' }, [tokens])
      account.sim.post.deliver(client.self()!.lid, notification)
      await account.received((node) => node.tag === 'ack' && node.attrs.id === id)
    }
    const nowS = Math.floor(Date.now() / 1000)
    await give('T1', 1, nowS - 60 * 24 * 3600)
    expect(await client.privacyToken(lid)).toBeUndefined()
    await give('T2', 7, nowS)
    expect(await client.privacyToken(`${lid.replace('@', ':1@')}`)).toEqual(Uint8Array.of(7, 2, 3))
  })

  it('refuses a call key of the wrong size before it is encrypted', async () => {
    const client = await open()
    await expect(client.encryptCallKey([account.devices[0].jid], new Uint8Array(31))).rejects.toThrow(/32 bytes/)
  })
})

describe('the log', () => {
  it('holds no private key, token or number of the account, whatever happens', async () => {
    const lines: string[] = []
    const write = (fields: LogFields, message: string) => void lines.push(`${JSON.stringify(fields)} ${message}`)
    const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger }
    await account.pair()
    const client = await open({ logger })
    await client.encryptCallKey([account.devices[0].jid, '200000000000001:9@lid'], callKey)
    const failing = client.decryptCallKey(account.devices[1].jid, 'msg', callKey)
    await expect(failing).rejects.toMatchObject({ code: 'whatsapp.decrypt' })
    const ended = untilState(client, 'logged-out')
    account.sim.unlink(account.owner, device(client))
    await ended

    const text = lines.join('\n')
    expect(lines.length).toBeGreaterThan(2)
    const { creds } = account.store
    const secrets = [
      creds.noiseKey.private,
      creds.signedIdentityKey.private,
      creds.signedPreKey.keyPair.private,
      callKey,
    ]
    for (const secret of secrets) {
      for (const encoding of ['base64', 'hex'] as const)
        expect(text).not.toContain(Buffer.from(secret).toString(encoding))
      expect(text).not.toContain([...secret].join(','))
    }
    expect(text).not.toContain(creds.advSecretKey)
    expect(text).not.toMatch(/\d{7,}/)
  })
})
