import { VirtualClock } from '../../src/base/clock.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { MemoryWaClient, openCallKey, sealCallKey } from '../whatsapp/memory-wa-client.ts'
import { type WaClientBench, waClientContract } from './wa-client.ts'

const peer = {
  number: '4915200000001',
  lid: '200000000000001@lid',
  devices: ['200000000000001@lid', '200000000000001:1@lid'],
} as const

async function memoryBench(): Promise<WaClientBench> {
  const clock = new VirtualClock()
  const client = new MemoryWaClient({ clock, users: [peer] })
  client.answerCalls(accept)
  return {
    client,
    peer,
    unknownNumber: '4930000000000',
    answerOffers(how, code) {
      const error = String(code)
      client.answerCalls(
        {
          ack: accept,
          nothing: () => undefined,
          'error attribute': (query: WaNode) => ackOf(query, { error }),
          'error child': (query: WaNode) => ackOf(query, {}, [{ tag: 'error', attrs: { code: error } }]),
        }[how],
      )
    },
    offer: async (id) => ({ tag: 'call', attrs: { id, to: peer.lid }, content: [{ tag: 'offer', attrs: {} }] }),
    received: (matches) => client.sentMatching(matches),
    acksOfCalls: () => client.sent.filter(({ tag, attrs }) => tag === 'ack' && attrs.class === 'call').length,
    deliver: (node) => (node.tag === 'call' ? client.deliverCall(node) : client.deliverReceipt(node)),
    openKey: async (device, _type, ciphertext) => openCallKey(device, ciphertext),
    async sealKey(device, callKey) {
      client.establishSession(device)
      return { type: 'pkmsg', ciphertext: sealCallKey(client.self().lid, callKey) }
    },
    makeUnreachable: (device) => client.makeUnreachable(device),
    cut: () => client.enter('closed'),
    passTime: (deltaMs) => clock.advance(deltaMs),
    end: () => client.stop(),
  }
}

const accept = (query: WaNode) => ackOf(query, { type: 'offer' })

function ackOf(query: WaNode, attrs: Record<string, string>, content?: WaNode[]): WaNode {
  return { tag: 'ack', attrs: { class: 'call', id: query.attrs.id!, from: query.attrs.to!, ...attrs }, content }
}

waClientContract('in memory', memoryBench)
