import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, VirtualClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { seededRandom } from '../../../src/base/random.ts'
import { usualCallBehaviour } from '../../../src/sim/server/call-behaviour.ts'
import type { User } from '../../../src/sim/server/directory.ts'
import type { RelayService } from '../../../src/sim/server/relay-port.ts'
import { SimServer } from '../../../src/sim/server/sim-server.ts'
import type { ByteLink } from '../../../src/sim/server/web-client.ts'
import { listenForClients } from '../../../src/sim/server/web-socket-listener.ts'
import { BaileysClient, type BaileysClientOptions } from '../../../src/whatsapp/account/baileys-client.ts'
import { AccountStore } from '../../../src/whatsapp/account/store.ts'
import type { WaClient, WaEvent, WaNode, WaState } from '../../../src/whatsapp/wa-client.ts'
import { simPeer } from './sim-peer.ts'

/** Blocks of the right form that lead to no relay: the account has no media. */
const noRelays: RelayService = {
  offerRelays: (callId, participants) => {
    const listed = participants.map((jid, index) => ({ jid, pid: index + 1 }))
    const block = (selfPid: number) => ({
      uuid: 'uuid',
      callId,
      selfPid,
      peerPid: selfPid === 1 ? 2 : 1,
      participants: listed,
      key: 'AAAAAAAAAAAAAAAAAAAAAA==',
      hbhKey: new Uint8Array(30),
      warpMiTagLength: 4,
      tokens: new Map([['0', new Uint8Array(8)]]),
      authTokens: new Map([['0', new Uint8Array(8)]]),
      endpoints: [],
    })
    return new Map(listed.map(({ jid, pid }) => [jid, block(pid)]))
  },
  endCall() {},
}

export function untilState(client: WaClient, state: WaState): Promise<void> {
  return until(client, (event) => event.type === 'state' && event.state === state).then(() => {})
}

export function until(client: WaClient, matches: (event: WaEvent) => boolean): Promise<WaEvent> {
  return new Promise((resolve) => {
    const off = client.events.on((event) => {
      if (!matches(event)) return
      off()
      resolve(event)
    })
  })
}

/** A simulated WhatsApp with the owner of an account and somebody to call, and clients of that account. */
export async function simAccount() {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-account-'))
  const behaviour = { ...usualCallBehaviour }
  const random = seededRandom(1)
  const sim = new SimServer({ clock: systemClock, logger: silentLogger, random, relays: noRelays, behaviour })
  const links: ByteLink[] = []
  const listener = await listenForClients('127.0.0.1', (link) => {
    links.push(link)
    return sim.accept(link)
  })
  const addUser = (number: string, lid: string) => {
    const user = sim.directory.add({ number, lid, name: number, privacyToken: random.bytes(16) })
    sim.directory.addDevice(user, undefined)
    return user
  }
  const owner = addUser('4915100000001', '100000000000001')
  const callee = addUser('4915200000001', '200000000000001')
  const linked = sim.directory.addDevice(callee, undefined)
  const devices = [callee.devices.get(0)!, linked] as const
  const peers = new Map(devices.map((device) => [device.jid, simPeer(device)]))

  const fromClient: WaNode[] = []
  const waiting = new Set<(node: WaNode) => void>()
  sim.journal.events.on((event) => {
    if (event.type !== 'stanza' || event.direction !== 'in' || !event.device.startsWith(owner.lid)) return
    fromClient.push(event.node)
    for (const heard of [...waiting]) heard(event.node)
  })
  const received = (matches: (node: WaNode) => boolean): Promise<WaNode> => {
    const already = fromClient.find(matches)
    if (already) return Promise.resolve(already)
    return new Promise((resolve) => {
      const heard = (node: WaNode) => {
        if (!matches(node)) return
        waiting.delete(heard)
        resolve(node)
      }
      waiting.add(heard)
    })
  }

  const clock = new VirtualClock()
  const storePath = join(directory, 'account.db')
  const store = new AccountStore(storePath)
  const clients: BaileysClient[] = []
  const makeClient = (options: Partial<BaileysClientOptions> = {}) => {
    const client = new BaileysClient({ store, clock, url: listener.url, noiseRoot: sim.noiseRoot, ...options })
    clients.push(client)
    return client
  }
  /** Pairs by QR, through the 515 restart, and leaves the client stopped. */
  const pair = async (scanningUser: User = owner) => {
    const client = makeClient({ pairing: { method: 'qr' } })
    client.events.on((event) => {
      if (event.type === 'qr') sim.pairing.scan(event.text, scanningUser)
      // The restart that the server asks for is due at once, on the client's clock.
      if (event.type === 'state' && event.state === 'closed') void clock.advance(0)
    })
    const open = untilState(client, 'open')
    await client.start()
    await open
    await client.stop()
  }
  const end = async () => {
    for (const client of clients) await client.stop()
    store.close()
    sim.close()
    await listener.close()
    rmSync(directory, { recursive: true })
  }
  return {
    sim,
    url: listener.url,
    links,
    behaviour,
    owner,
    callee,
    devices,
    peers,
    store,
    storePath,
    clock,
    fromClient,
    received,
    makeClient,
    pair,
    end,
  }
}
