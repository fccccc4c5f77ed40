import { Curve, encodeWAMessage, initAuthCreds, proto, unpadRandomMax16 } from 'baileys'
import type { Device } from '../../../src/sim/server/directory.ts'
import { memoryKeys, signalParty } from './signal-party.ts'

/** One device of somebody else on the simulated network, with Signal sessions of its own and keys for strangers. */
export function simPeer(device: Device) {
  const creds = initAuthCreds()
  const keys = memoryKeys()
  const { repository } = signalParty(creds, keys)
  const oneTimeKeys = Array.from({ length: 20 }, (_, i) => ({ keyId: i + 1, pair: Curve.generateKeyPair() }))
  void keys.set({ 'pre-key': Object.fromEntries(oneTimeKeys.map(({ keyId, pair }) => [keyId, pair])) })
  device.keys = {
    registrationId: creds.registrationId,
    identityKey: creds.signedIdentityKey.public,
    signedPreKey: {
      keyId: creds.signedPreKey.keyId,
      publicKey: creds.signedPreKey.keyPair.public,
      signature: creds.signedPreKey.signature,
    },
    oneTimeKeys: oneTimeKeys.map(({ keyId, pair }) => ({ keyId, publicKey: pair.public })),
  }
  return {
    async openKey(from: string, type: string, ciphertext: Uint8Array): Promise<Uint8Array> {
      const message = { jid: from, type: type as 'pkmsg' | 'msg', ciphertext: Buffer.from(ciphertext) }
      const padded = await repository.decryptMessage(message)
      return new Uint8Array(proto.Message.decode(unpadRandomMax16(padded)).call?.callKey ?? [])
    },
    sealKey: (to: string, callKey: Uint8Array) =>
      repository.encryptMessage({ jid: to, data: encodeWAMessage({ call: { callKey } }) }),
    sealMessage: (to: string, message: proto.IMessage) =>
      repository.encryptMessage({ jid: to, data: encodeWAMessage(message) }),
  }
}
