import { buildCall } from '../../src/whatsapp/stanza/call.ts'
import { capabilityBlob } from '../../src/whatsapp/stanza/capability.ts'
import { buildOffer } from '../../src/whatsapp/stanza/offer.ts'
import { simAccount } from '../whatsapp/account/sim-account.ts'
import { type WaClientBench, waClientContract } from './wa-client.ts'

async function simulatedBench(): Promise<WaClientBench> {
  const account = await simAccount()
  await account.pair()
  const { sim, behaviour, callee, devices, peers, received, fromClient } = account
  fromClient.length = 0
  const client = account.makeClient()
  const ownDevice = () => client.self()!.lid
  const lid = `${callee.lid}@lid`
  const isOfCall = ({ tag, attrs, content }: (typeof fromClient)[number]) =>
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
    passTime: (deltaMs) => account.clock.advance(deltaMs),
    end: account.end,
  }
}

waClientContract('Baileys, against the simulator', simulatedBench)
