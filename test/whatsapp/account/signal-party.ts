import type { AuthenticationCreds, SignalKeyStore } from 'baileys'
import {
  addTransactionCapability,
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  generateSignalPubKey,
  initAuthCreds,
} from 'baileys'

const quiet = {
  level: 'silent',
  child: () => quiet,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
}

/** One end of a Signal session, as the client library sets it up over a key store. */
export function signalParty(creds: AuthenticationCreds, store: SignalKeyStore) {
  const keys = addTransactionCapability(store, quiet, { maxCommitRetries: 1, delayBetweenTriesMs: 0 })
  const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, quiet)
  /** What a stranger needs to open a session with this party; the one-time key is stored. */
  const bundle = async (preKeyId: number) => {
    const preKey = Curve.generateKeyPair()
    await keys.set({ 'pre-key': { [preKeyId]: preKey } })
    return {
      registrationId: creds.registrationId,
      identityKey: generateSignalPubKey(creds.signedIdentityKey.public),
      signedPreKey: {
        keyId: creds.signedPreKey.keyId,
        publicKey: generateSignalPubKey(creds.signedPreKey.keyPair.public),
        signature: creds.signedPreKey.signature,
      },
      preKey: { keyId: preKeyId, publicKey: generateSignalPubKey(preKey.public) },
    }
  }
  return { repository, bundle }
}

/** A key store that lives in memory. */
export function memoryKeys(): SignalKeyStore {
  const kept = new Map<string, unknown>()
  return {
    get: (type, ids) => Object.fromEntries(ids.map((id) => [id, kept.get(`${type}/${id}`) as never])),
    set(data) {
      for (const [type, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values ?? {})) kept.set(`${type}/${id}`, value ?? undefined)
      }
    },
  }
}

/** A party that lives in memory. */
export function memoryParty() {
  return signalParty(initAuthCreds(), memoryKeys())
}
