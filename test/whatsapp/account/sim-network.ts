import type { Clock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { seededRandom } from '../../../src/base/random.ts'
import { usualCallBehaviour } from '../../../src/sim/server/call-behaviour.ts'
import type { RelayService } from '../../../src/sim/server/relay-port.ts'
import { SimServer } from '../../../src/sim/server/sim-server.ts'
import type { WaNode } from '../../../src/whatsapp/wa-client.ts'
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

/** A simulated WhatsApp with the owner of an account and somebody to call; what clients of the account send is kept. */
export function simNetwork(clock: Clock) {
  const behaviour = { ...usualCallBehaviour }
  const random = seededRandom(1)
  const sim = new SimServer({ clock, logger: silentLogger, random, relays: noRelays, behaviour })
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
  return { sim, behaviour, owner, callee, devices, peers, fromClient, received }
}
