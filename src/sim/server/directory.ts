import { Curve, jidDecode, jidEncode } from 'baileys'
import { TandemError } from '../../base/errors.ts'

export interface PublicPreKey {
  readonly keyId: number
  /** 32 bytes, without the type byte. */
  readonly publicKey: Uint8Array
}

export interface SignedPublicPreKey extends PublicPreKey {
  readonly signature: Uint8Array
}

/** What a device has uploaded for others to open Signal sessions with. */
export interface DeviceKeys {
  readonly registrationId: number
  readonly identityKey: Uint8Array
  signedPreKey: SignedPublicPreKey
  /** Handed out from the front, each once. */
  readonly oneTimeKeys: PublicPreKey[]
}

export interface Device {
  /** 0 is the phone itself, others are companions. */
  readonly id: number
  /** Place in the account's signed device list; 0 for the phone. */
  readonly keyIndex: number
  /** LID device JID. */
  readonly jid: string
  /** Noise static key that the device has to log in with; undefined for the phones of this process. */
  readonly noiseKey: Uint8Array | undefined
  keys: DeviceKeys | undefined
}

export interface User {
  /** Phone number digits without `+`. */
  readonly number: string
  /** LID without server part. */
  readonly lid: string
  readonly name: string
  /** Identity of the account: its phone's Signal identity, which also signs the companions. */
  readonly identity: { readonly public: Uint8Array; readonly private: Uint8Array }
  readonly devices: Map<number, Device>
  /** Offers from users whom this user gave no privacy token are refused with error 463. */
  onlyWithToken: boolean
  /** What this user gives to those who may call. */
  readonly privacyToken: Uint8Array
}

export const userJid = (user: User) => jidEncode(user.lid, 'lid')
export const numberJid = (user: User, device = 0) => jidEncode(user.number, 's.whatsapp.net', device)

/** Everyone on the simulated network, by number and by LID. */
export class Directory {
  readonly #byNumber = new Map<string, User>()
  readonly #byLid = new Map<string, User>()

  add(fields: Pick<User, 'number' | 'lid' | 'name' | 'privacyToken'>): User {
    if (this.#byNumber.has(fields.number) || this.#byLid.has(fields.lid)) {
      throw new TandemError('sim.number-taken', 'a simulated number or LID is given twice')
    }
    const user = { ...fields, identity: Curve.generateKeyPair(), devices: new Map(), onlyWithToken: false }
    this.#byNumber.set(user.number, user)
    this.#byLid.set(user.lid, user)
    return user
  }

  byNumber(number: string): User | undefined {
    return this.#byNumber.get(number)
  }

  /** The user of a LID or phone-number JID, with or without device. */
  byJid(jid: string | undefined): User | undefined {
    const decoded = jid === undefined ? undefined : jidDecode(jid)
    if (decoded?.server === 'lid') return this.#byLid.get(decoded.user)
    return decoded?.server === 's.whatsapp.net' ? this.#byNumber.get(decoded.user) : undefined
  }

  /** The device a JID names; a bare JID is device 0. */
  deviceByJid(jid: string | undefined): Device | undefined {
    return this.byJid(jid)?.devices.get(deviceId(jid))
  }

  addDevice(user: User, noiseKey: Uint8Array | undefined): Device {
    const id = Math.max(-1, ...user.devices.keys()) + 1
    const device = { id, keyIndex: id, jid: jidEncode(user.lid, 'lid', id), noiseKey, keys: undefined }
    user.devices.set(id, device)
    return device
  }
}

function deviceId(jid: string | undefined): number {
  return (jid === undefined ? undefined : jidDecode(jid)?.device) ?? 0
}

/** `123@lid` and `123:0@lid` are the same device: the form without `:0`. */
export function deviceJid(jid: string): string {
  const decoded = jidDecode(jid)
  return decoded ? jidEncode(decoded.user, decoded.server, decoded.device) : jid
}
