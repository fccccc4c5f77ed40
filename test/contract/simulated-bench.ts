import type { VirtualClock } from '../../src/base/clock.ts'
import { buildCall } from '../../src/whatsapp/stanza/call.ts'
import { capabilityBlob } from '../../src/whatsapp/stanza/capability.ts'
import { buildOffer } from '../../src/whatsapp/stanza/offer.ts'
import type { WaClient, WaNode } from '../../src/whatsapp/wa-client.ts'
import type { simNetwork } from '../whatsapp/account/sim-network.ts'
import type { WaClientBench } from './wa-client.ts'

/** A paired client of the simulated network. */
export function simulatedBench(
  { sim, behaviour, callee, devices, peers, received, fromClient }: ReturnType<typeof simNetwork>,
  client: WaClient,
  clock: VirtualClock,
  end: () => Promise<void>,
): WaClientBench {
  const ownDevice = () => client.self()!.lid
  const lid = `${callee.lid}@lid`
  const isOfCall = ({ tag, attrs, content }: WaNode) =>
    (tag === 'ack' && attrs.class === 'call') || (tag === 'receipt' && Array.isArray(content))
  return {
    client,
    peer: { number: callee.number, lid, devices: [devices[0].jid, devices[1].jid] },
    unknownNumber: '4930000000000',
    answerOffers(how, code = 0) {
      behaviour.ackError = how === 'error child' ? 'child' : 'attribute'
      behaviour.offers = how === 'ack' ? 'accepted' : how === 'nothing' ? 'unanswered' : { error: code }
    },
    async offer(stanzaId) {
      const { keys, deviceIdentity } = await client.encryptCallKey(
        await client.devices(lid),
        new Uint8Array(32).fill(9),
      )
      const action = buildOffer({
        callId: `CALL-${stanzaId}`,
        callCreator: ownDevice(),
        privacyToken: undefined,
        audioRatesHz: [8000, 16000],
        capability: capabilityBlob('offer', 'mlow'),
        keys,
        deviceIdentity,
      })
      return buildCall(lid, stanzaId, action)
    },
    received,
    acksOfCalls: () => fromClient.filter(isOfCall).length,
    deliver: (node) => sim.post.deliver(ownDevice(), node),
    openKey: (device, type, ciphertext) => peers.get(device)!.openKey(ownDevice(), type, ciphertext),
    sealKey: (device, callKey) => peers.get(device)!.sealKey(ownDevice(), callKey),
    makeUnreachable(device) {
      sim.directory.deviceByJid(device)!.keys = undefined
    },
    cut: () => sim.drop(sim.directory.deviceByJid(ownDevice())!),
    passTime: (deltaMs) => clock.advance(deltaMs),
    end,
  }
}
