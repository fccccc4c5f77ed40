import { createDecipheriv, hkdfSync } from 'node:crypto'
import { aesDecryptCTR, aesEncryptCTR, Curve, derivePairingCodeKey, jidDecode, S_WHATSAPP_NET } from 'baileys'
import { ProtocolError, TandemError } from '../../base/errors.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { User } from './directory.ts'
import { childOf, contentBytes, element } from './node.ts'
import type { Unpaired } from './unpaired.ts'

const saltBytes = 32
const counterBytes = 16
const nonceBytes = 12
const keyBytes = 32
const tagBytes = 16
const bundleInfo = 'link_code_pairing_key_bundle_encryption_key'

interface Waiting {
  readonly client: Unpaired
  readonly number: string
  /** salt, counter block, then the companion's ephemeral key under the code. */
  readonly wrappedKey: Uint8Array
  readonly ref: Uint8Array
}

interface Entered {
  readonly user: User
  readonly ephemeral: { readonly public: Uint8Array; readonly private: Uint8Array }
  readonly companionEphemeral: Uint8Array
}

/** The phone's half of pairing by code: `companion_hello`, the user types the code, `companion_finish`. */
export class PairingByCode {
  readonly #random: Random
  readonly #waiting = new Map<Unpaired, Waiting>()
  readonly #entered = new Map<Unpaired, Entered>()

  constructor(random: Random) {
    this.#random = random
  }

  /** The client asks for the account of a number to be told; the answer is content of the iq result. */
  hello(client: Unpaired, registration: WaNode): WaNode {
    const wrappedKey = contentBytes(childOf(registration, 'link_code_pairing_wrapped_companion_ephemeral_pub'))
    const number = jidDecode(registration.attrs.jid)?.user
    if (wrappedKey?.length !== saltBytes + counterBytes + keyBytes || !number) {
      throw new ProtocolError('pair.hello', 'companion_hello without number or wrapped key')
    }
    const ref = new TextEncoder().encode(randomHex(16, this.#random))
    this.#waiting.set(client, { client, number, wrappedKey, ref })
    const content = [element('link_code_pairing_ref', {}, ref)]
    return element('link_code_companion_reg', { stage: 'companion_hello' }, content)
  }

  /** The user types the code on the phone: the phone's own ephemeral key goes to the client, wrapped with the code. */
  async enter(code: string, user: User): Promise<void> {
    const waiting = [...this.#waiting.values()].find(({ number }) => number === user.number)
    if (!waiting) throw new TandemError('sim.no-code', 'no client has asked for a pairing code of this number')
    const ephemeral = Curve.generateKeyPair()
    this.#entered.set(waiting.client, { user, ephemeral, companionEphemeral: await unwrap(code, waiting.wrappedKey) })
    const salt = this.#random.bytes(saltBytes)
    const counter = this.#random.bytes(counterBytes)
    const sealed = aesEncryptCTR(ephemeral.public, await derivePairingCodeKey(code, Buffer.from(salt)), counter)
    const registration = element('link_code_companion_reg', { stage: 'primary_hello' }, [
      element('link_code_pairing_wrapped_primary_ephemeral_pub', {}, Buffer.concat([salt, counter, sealed])),
      element('primary_identity_pub', {}, user.identity.public),
      element('link_code_pairing_ref', {}, waiting.ref),
    ])
    const id = randomHex(8, this.#random)
    waiting.client.send(
      element('notification', { from: S_WHATSAPP_NET, type: 'link_code_companion_reg', id }, [registration]),
    )
  }

  /** The client's last word: both sides now derive the secret that seals the device identity. */
  finish(client: Unpaired, registration: WaNode): { user: User; advSecret: Uint8Array } {
    const entered = this.#entered.get(client)
    const identity = contentBytes(childOf(registration, 'companion_identity_public'))
    const bundle = contentBytes(childOf(registration, 'link_code_pairing_wrapped_key_bundle'))
    if (!entered || identity?.length !== keyBytes || !bundle) {
      throw new ProtocolError('pair.finish', 'companion_finish before the code was entered, or without its keys')
    }
    this.forget(client)
    const shared = Curve.sharedKey(entered.ephemeral.private, entered.companionEphemeral)
    const keys = openBundle(bundle, shared)
    const [companionKey, primaryKey] = [keys.subarray(0, keyBytes), keys.subarray(keyBytes, 2 * keyBytes)]
    if (!companionKey.equals(identity) || !primaryKey.equals(entered.user.identity.public)) {
      throw new ProtocolError('pair.finish', 'the key bundle holds other keys than those of the two sides')
    }
    const identityShared = Curve.sharedKey(entered.user.identity.private, identity)
    const secret = Buffer.concat([shared, identityShared, keys.subarray(2 * keyBytes)])
    return { user: entered.user, advSecret: new Uint8Array(hkdfSync('sha256', secret, '', 'adv_secret', keyBytes)) }
  }

  forget(client: Unpaired): void {
    this.#waiting.delete(client)
    this.#entered.delete(client)
  }
}

async function unwrap(code: string, wrapped: Uint8Array): Promise<Uint8Array> {
  const bytes = Buffer.from(wrapped)
  const key = await derivePairingCodeKey(code, bytes.subarray(0, saltBytes))
  const counter = bytes.subarray(saltBytes, saltBytes + counterBytes)
  return aesDecryptCTR(bytes.subarray(saltBytes + counterBytes), key, counter)
}

/** salt, nonce, then AES-256-GCM over companion identity, primary identity and 32 random bytes. */
function openBundle(bundle: Uint8Array, shared: Uint8Array): Buffer {
  const bytes = Buffer.from(bundle)
  const key = Buffer.from(hkdfSync('sha256', shared, bytes.subarray(0, saltBytes), bundleInfo, keyBytes))
  const nonce = bytes.subarray(saltBytes, saltBytes + nonceBytes)
  const sealed = bytes.subarray(saltBytes + nonceBytes, -tagBytes)
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(bytes.subarray(-tagBytes))
    return Buffer.concat([decipher.update(sealed), decipher.final()])
  } catch (cause) {
    throw new ProtocolError(
      'pair.code',
      'the key bundle does not open: another code was typed than shown',
      {},
      { cause },
    )
  }
}
