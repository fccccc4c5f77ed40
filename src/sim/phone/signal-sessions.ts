import {
  addTransactionCapability,
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  encodeWAMessage,
  generateRegistrationId,
  generateSignalPubKey,
  type KeyPair,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
  signedKeyPair,
  unpadRandomMax16,
} from 'baileys'
import { ProtocolError, TandemError } from '../../base/errors.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { DeviceKeys } from '../server/directory.ts'
import { contentBytes, element } from '../server/node.ts'
import type { takeBundle } from '../server/pre-keys.ts'

const oneTimeKeyCount = 20
const callKeyBytes = 32

export type KeyBundle = ReturnType<typeof takeBundle>

const nothing = () => {}
const quiet: Parameters<typeof addTransactionCapability>[1] = {
  level: 'silent',
  child: () => quiet,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}

/** One device's Signal identity and sessions, in memory: real encryption of call keys in both directions. */
export class SignalSessions {
  readonly #identity: KeyPair
  readonly #registrationId = generateRegistrationId()
  readonly #signedPreKey
  readonly #store = new MemoryKeys()
  readonly #repository

  constructor(identity: KeyPair) {
    this.#identity = identity
    this.#signedPreKey = signedKeyPair(identity, 1)
    const creds = {
      signedIdentityKey: identity,
      signedPreKey: this.#signedPreKey,
      registrationId: this.#registrationId,
    }
    const keys = addTransactionCapability(this.#store, quiet, { maxCommitRetries: 1, delayBetweenTriesMs: 0 })
    this.#repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, quiet)
  }

  /** Makes the one-time keys and returns what others need to open a session. Once per device. */
  publish(): DeviceKeys {
    const pairs = Array.from({ length: oneTimeKeyCount }, (_, index) => [index + 1, Curve.generateKeyPair()] as const)
    for (const [keyId, pair] of pairs) this.#store.put('pre-key', String(keyId), pair)
    const { keyPair, signature, keyId } = this.#signedPreKey
    return {
      registrationId: this.#registrationId,
      identityKey: this.#identity.public,
      signedPreKey: { keyId, publicKey: keyPair.public, signature },
      oneTimeKeys: pairs.map(([id, pair]) => ({ keyId: id, publicKey: pair.public })),
    }
  }

  /** `<enc>` with the call key for a device; `bundle` is asked for when there is no session yet. */
  async encryptCallKey(device: string, callKey: Uint8Array, bundle: () => KeyBundle): Promise<WaNode> {
    if (!(await this.#repository.validateSession(device)).exists) await this.#openSession(device, bundle())
    const data = encodeWAMessage({ call: { callKey } })
    const { type, ciphertext } = await this.#repository.encryptMessage({ jid: device, data })
    return element('enc', { v: '2', type, count: '0' }, ciphertext)
  }

  /** Rejects with `ProtocolError` when the `<enc>` of that device holds no readable call key. */
  async decryptCallKey(device: string, enc: WaNode): Promise<Uint8Array> {
    const ciphertext = contentBytes(enc)
    const type = enc.attrs.type === 'pkmsg' ? 'pkmsg' : 'msg'
    try {
      const padded = await this.#repository.decryptMessage({
        jid: device,
        type,
        ciphertext: Buffer.from(ciphertext ?? []),
      })
      const callKey = proto.Message.decode(unpadRandomMax16(padded)).call?.callKey
      if (callKey?.length === callKeyBytes) return callKey
    } catch (cause) {
      throw new ProtocolError('sim.call-key', 'the enc of an offer does not decrypt', { type }, { cause })
    }
    throw new ProtocolError('sim.call-key', 'the enc of an offer holds no call key of 32 bytes')
  }

  close(): void {
    this.#repository.close?.()
  }

  async #openSession(device: string, bundle: KeyBundle): Promise<void> {
    if (!bundle) throw new TandemError('sim.no-keys', 'the device has uploaded no keys to open a session with')
    const withType = ({ keyId, publicKey }: { keyId: number; publicKey: Uint8Array }) => ({
      keyId,
      publicKey: generateSignalPubKey(publicKey),
    })
    await this.#repository.injectE2ESession({
      jid: device,
      session: {
        registrationId: bundle.registrationId,
        identityKey: generateSignalPubKey(bundle.identityKey),
        signedPreKey: { ...withType(bundle.signedPreKey), signature: bundle.signedPreKey.signature },
        preKey: bundle.oneTimeKey && withType(bundle.oneTimeKey),
      },
    })
  }
}

/** The library's key store, kept in a map. */
class MemoryKeys implements SignalKeyStore {
  readonly #values = new Map<string, unknown>()

  put(type: string, id: string, value: unknown): void {
    if (value === null || value === undefined) this.#values.delete(`${type} ${id}`)
    else this.#values.set(`${type} ${id}`, value)
  }

  get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): { [id: string]: SignalDataTypeMap[T] } {
    const known = ids.filter((id) => this.#values.has(`${type} ${id}`))
    return Object.fromEntries(known.map((id) => [id, this.#values.get(`${type} ${id}`) as SignalDataTypeMap[T]]))
  }

  set(data: SignalDataSet): void {
    for (const [type, entries] of Object.entries(data)) {
      for (const [id, value] of Object.entries(entries ?? {})) this.put(type, id, value)
    }
  }
}
