import { type AuthenticationState, encodeSignedDeviceIdentity, proto, unpadRandomMax16, type WASocket } from 'baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import type { Violation } from '../../src/sim/server/journal.ts'
import { childOf, childrenOf, contentBytes } from '../../src/sim/server/node.ts'
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { connectLibrary, memoryAuth, pairedLibrary, untilClosed, untilOpen, untilUpdate } from './library-client.ts'
import { StubRelays, stubMedia } from './stubs.ts'

const owner = '4915100000001'
const peer = '4915100000002'

let simulator: Simulator
let auth: AuthenticationState
let socket: WASocket | undefined
let expected: string[]
let media: ReturnType<typeof stubMedia>

beforeEach(async () => {
  auth = memoryAuth()
  expected = []
  socket = undefined
  media = stubMedia()
  simulator = await startSimulator({
    account: { name: 'owner', number: owner },
    phones: [{ name: 'peer', number: peer, devices: 2, behaviour: { takenAfterMs: 20, takenOn: 1 } }],
    relays: new StubRelays(),
    openMedia: media.open,
  })
})

afterEach(async () => {
  socket?.end(undefined)
  await simulator.stop()
  expect(simulator.violations.map((violation: Violation) => violation.code)).toEqual(expected)
})

describe('pairing', () => {
  it('links by QR code, restarts with 515 and logs in', async () => {
    socket = connectLibrary(simulator, auth)
    const { qr } = await untilUpdate(socket, (update) => update.qr !== undefined)
    const closed = untilClosed(socket)
    simulator.scan(qr ?? '')
    expect(await closed).toBe(515)
    expect(auth.creds.me?.id).toBe(`${owner}:1@s.whatsapp.net`)
    socket = connectLibrary(simulator, auth)
    await untilOpen(socket)
    expect(socket.user?.lid).toMatch(/^\d+:1@lid$/)
  })

  it('refuses a QR code that no client shows', () => {
    expect(() => simulator.scan('https://wa.me/settings/linked_devices#2@x,a,b,c,1')).toThrow('no client shows')
  })

  it('links by pairing code', async () => {
    socket = connectLibrary(simulator, auth)
    await untilUpdate(socket, (update) => update.qr !== undefined)
    const closed = untilClosed(socket)
    const asked = stanzaFrom((node) => childOf(node, 'link_code_companion_reg') !== undefined)
    const code = await socket.requestPairingCode(owner)
    await asked
    await simulator.enterPairingCode(code)
    expect(await closed).toBe(515)
    socket = connectLibrary(simulator, auth)
    await untilOpen(socket)
  })

  it('tells a removed companion so and lets it in no more', async () => {
    socket = await pairedLibrary(simulator, auth)
    const closed = untilClosed(socket)
    simulator.unlinkGateway()
    expect(await closed).toBe(401)
    socket = connectLibrary(simulator, auth)
    expect(await untilClosed(socket)).toBe(401)
  })

  it('replaces a connection and drops one', async () => {
    socket = await pairedLibrary(simulator, auth)
    const replaced = untilClosed(socket)
    simulator.replaceGateway()
    expect(await replaced).toBe(440)
    socket = connectLibrary(simulator, auth)
    await untilOpen(socket)
    const dropped = untilClosed(socket)
    simulator.dropGateway()
    expect(await dropped).toBe(428)
  })
})

/** The first stanza in either direction that `wanted` accepts. */
function stanzaFrom(wanted: (node: WaNode) => boolean): Promise<WaNode> {
  return new Promise((resolve) => {
    simulator.events.on((event) => {
      if (event.type === 'stanza' && wanted(event.node)) resolve(event.node)
    })
  })
}

it('leaves no socket behind when it stops, whoever is connected', async () => {
  const closed = untilClosed(connectLibrary(simulator, auth))
  const before = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
  expect(before).toBeGreaterThan(0)
  await simulator.stop()
  await closed
  await expect.poll(() => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))).toEqual([])
})

it('forgets a companion that was scanned and went away without a word', async () => {
  socket = connectLibrary(simulator, auth)
  const { qr } = await untilUpdate(socket, (update) => update.qr !== undefined)
  socket.ws.removeAllListeners('CB:iq,,pair-success')
  simulator.scan(qr ?? '')
  expect(simulator.account.user.devices.size).toBe(2)
  socket.end(undefined)
  await expect.poll(() => simulator.account.user.devices.size).toBe(1)
})

describe('look-ups', () => {
  it('knows who is on WhatsApp, their LID and their devices', async () => {
    socket = await pairedLibrary(simulator, auth)
    const found = await socket.onWhatsApp(peer, '4915199999999')
    expect(found).toEqual([{ jid: `${peer}@s.whatsapp.net`, exists: true }])
    const lid = await socket.signalRepository.lidMapping.getLIDForPN(`${peer}@s.whatsapp.net`)
    expect(lid).toMatch(/^\d+@lid$/)
    const devices = await socket.getUSyncDevices([lid ?? ''], false, false)
    expect(devices.map((device) => device.jid)).toEqual([lid, lid?.replace('@', ':1@')])
  })
})

async function takenOver(): Promise<WASocket> {
  const taken = await pairedLibrary(simulator, auth)
  taken.ws.removeAllListeners('CB:call')
  return taken
}

/** An offer as docs/protocol/signalling.md has it, made with the library's own session and encryption. */
async function offerTo(client: WASocket, number: string, callId: string, callKey: Uint8Array): Promise<WaNode> {
  const lid = (await client.signalRepository.lidMapping.getLIDForPN(`${number}@s.whatsapp.net`)) ?? ''
  const devices = (await client.getUSyncDevices([lid], false, false)).map((device) => device.jid)
  await client.assertSessions(devices, false)
  const { nodes } = await client.createParticipantNodes(devices, { call: { callKey } }, { count: '0' })
  const account = auth.creds.account
  if (!account) throw new Error('not paired')
  const attrs = { 'call-id': callId, 'call-creator': auth.creds.me?.lid ?? '' }
  const content: WaNode[] = [
    { tag: 'audio', attrs: { enc: 'opus', rate: '8000' } },
    { tag: 'audio', attrs: { enc: 'opus', rate: '16000' } },
    { tag: 'net', attrs: { medium: '3' } },
    { tag: 'capability', attrs: { ver: '1' }, content: Uint8Array.of(1, 5, 0xf7, 9, 0xe0, 0xbb, 0x13) },
    { tag: 'destination', attrs: {}, content: nodes as WaNode[] },
    { tag: 'encopt', attrs: { keygen: '2' } },
    { tag: 'device-identity', attrs: {}, content: encodeSignedDeviceIdentity(account, true) },
  ]
  return { tag: 'call', attrs: { to: lid, id: 'OFFER1' }, content: [{ tag: 'offer', attrs, content }] }
}

type Query = Parameters<WASocket['query']>[0]

describe('calls', () => {
  it('takes an offer, answers with relays, and both devices read the key', async () => {
    socket = await takenOver()
    const callKey = new Uint8Array(32).fill(7)
    const answered = new Promise<PhoneCall>((resolve) => {
      simulator.phone('peer').calls.on((call) => call.events.on(({ type }) => type === 'up' && resolve(call)))
    })
    const client = socket
    client.ws.on('CB:call', (node: WaNode) => {
      const attrs = {
        class: 'call',
        id: node.attrs.id ?? '',
        to: node.attrs.from ?? '',
        type: childrenOf(node)[0]?.tag ?? '',
      }
      void client.sendNode({ tag: 'ack', attrs })
    })
    const ack = (await client.query((await offerTo(client, peer, 'CALL1', callKey)) as Query)) as WaNode
    expect(ack.attrs).toMatchObject({ class: 'call', type: 'offer', id: 'OFFER1' })
    expect(childOf(ack, 'relay')?.attrs['call-id']).toBe('CALL1')
    expect(childrenOf(childOf(ack, 'relay')).filter(({ tag }) => tag === 'te2')).toHaveLength(2)
    expect(childrenOf(childOf(ack, 'user'))).toHaveLength(2)
    const call = await answered
    expect(call.name.callId).toBe('CALL1')
    expect(Buffer.from(media.all[0]?.options.callKey ?? []).equals(callKey)).toBe(true)
    expect(media.all[0]?.options.peerDevice).toBe(auth.creds.me?.lid)
  })

  it('refuses an offer with children in the wrong order: 439, and a violation', async () => {
    socket = await takenOver()
    const stanza = await offerTo(socket, peer, 'CALL2', new Uint8Array(32))
    const [offer] = childrenOf(stanza)
    const wrong = { ...stanza, content: [{ ...offer, content: [...childrenOf(offer)].reverse() }] }
    const ack = (await socket.query(wrong as Query)) as WaNode
    expect(ack.attrs.error).toBe('439')
    simulator.callBehaviour.ackError = 'child'
    const again = { ...wrong, attrs: { ...wrong.attrs, id: 'OFFER2' } }
    await expect(socket.query(again as Query)).rejects.toMatchObject({ data: 439 })
    expected = ['call.child-order', 'call.child-order']
  })

  it('delivers an offer of a phone, whose key the library reads', async () => {
    socket = await takenOver()
    const client = socket
    const offered = new Promise<WaNode>((resolve) => client.ws.on('CB:call', resolve))
    simulator.phone('peer').call(owner)
    const stanza = await offered
    const offer = childrenOf(stanza)[0]
    const enc = childOf(offer, 'enc')
    expect(offer?.attrs).toMatchObject({ caller_pn: `${peer}@s.whatsapp.net`, 'call-creator': stanza.attrs.from })
    expect(childrenOf(childOf(offer, 'relay')).filter(({ tag }) => tag === 'te2')).toHaveLength(2)
    const padded = await client.signalRepository.decryptMessage({
      jid: stanza.attrs.from ?? '',
      type: enc?.attrs.type as 'pkmsg',
      ciphertext: Buffer.from(contentBytes(enc) ?? []),
    })
    const callKey = proto.Message.decode(unpadRandomMax16(padded)).call?.callKey
    expect(callKey).toHaveLength(32)
  })

  it('replays what a client missed, marked offline', async () => {
    socket = await takenOver()
    const closed = untilClosed(socket)
    simulator.dropGateway()
    await closed
    simulator.phone('peer').call(owner)
    socket = connectLibrary(simulator, auth)
    socket.ws.removeAllListeners('CB:call')
    const client = socket
    const stanza = await new Promise<WaNode>((resolve) => client.ws.on('CB:call', resolve))
    expect(stanza.attrs.offline).toBe('0')
    expect(childrenOf(stanza)[0]?.tag).toBe('offer')
  })
})
