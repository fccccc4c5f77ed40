import { type proto, S_WHATSAPP_NET } from 'baileys'
import type { Clock } from '../../base/clock.ts'
import { ProtocolError, TandemError } from '../../base/errors.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import { deviceIdentityFault, sealForPairing, signDevice } from './device-identity.ts'
import { type Device, type DeviceKeys, type Directory, numberJid, type User } from './directory.ts'
import type { Journal } from './journal.ts'
import { childOf, contentBytes, element } from './node.ts'
import { PairingByCode } from './pairing-code.ts'
import type { Unpaired } from './unpaired.ts'

const refsPerConnection = 6
const qrPrefix = 'https://wa.me/settings/linked_devices#'

interface Linking {
  readonly user: User
  readonly device: Device
  /** Id of our pair-success, which the client's answer repeats. */
  readonly requestId: string | undefined
}

/** Links companions to accounts: shows references for the QR code, takes the scan, checks the companion's answer. */
export class PairingDesk {
  readonly #directory: Directory
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #random: Random
  readonly #byCode: PairingByCode
  readonly #byRef = new Map<string, Unpaired>()
  readonly #linking = new Map<Unpaired, Linking>()

  constructor(directory: Directory, journal: Journal, clock: Clock, random: Random) {
    this.#directory = directory
    this.#journal = journal
    this.#clock = clock
    this.#random = random
    this.#byCode = new PairingByCode(random)
  }

  /** Sends the references that the client shows as QR codes one after the other. */
  welcome(client: Unpaired): void {
    const refs = Array.from({ length: refsPerConnection }, () => `2@${randomHex(24, this.#random)}`)
    for (const ref of refs) this.#byRef.set(ref, client)
    const nodes = refs.map((ref) => element('ref', {}, new TextEncoder().encode(ref)))
    client.send(this.#request('pair-device', nodes))
  }

  /** What the account's phone does when it scans a QR code. Throws when no client shows that code. */
  scan(qrText: string, user: User): void {
    const [ref = '', noiseKey, identityKey, advSecret = ''] = qrText.replace(qrPrefix, '').split(',')
    const client = this.#byRef.get(ref)
    if (!client) throw new TandemError('sim.qr-unknown', 'no client shows this QR code')
    const honest =
      base64(client.noiseKey) === noiseKey && base64(client.registration.eIdent ?? new Uint8Array(0)) === identityKey
    if (!honest)
      throw new TandemError('sim.qr-keys', 'the keys in the QR code are not those of the client that shows it')
    this.link(client, user, Buffer.from(advSecret, 'base64'))
  }

  /** Makes the client a device of the account, as far as the server is concerned; the client has to agree. */
  link(client: Unpaired, user: User, advSecret: Uint8Array): void {
    const keys = keysFrom(client.registration)
    if (!keys) throw new TandemError('sim.registration', 'the client registered without complete Signal keys')
    const device = this.#directory.addDevice(user, client.noiseKey)
    device.keys = keys
    const identity = signDevice(user, device.keyIndex, keys.identityKey, Math.floor(this.#clock.wallMs() / 1000))
    const success = this.#request('pair-success', [
      element('device-identity', {}, sealForPairing(identity, advSecret)),
      element('device', { jid: numberJid(user, device.id), lid: device.jid }),
      element('platform', { name: 'android' }),
    ])
    this.#linking.set(client, { user, device, requestId: success.attrs.id })
    client.send(success)
  }

  /** The client's answer to pair-success. */
  confirm(client: Unpaired, result: WaNode): void {
    const linking = this.#linking.get(client)
    if (!linking || result.attrs.id !== linking.requestId) return
    const signed = contentBytes(childOf(childOf(result, 'pair-device-sign'), 'device-identity'))
    const identityKey = linking.device.keys?.identityKey ?? new Uint8Array(0)
    const fault = signed ? deviceIdentityFault(signed, linking.user, identityKey) : 'missing'
    this.#linking.delete(client)
    if (fault) {
      linking.user.devices.delete(linking.device.id)
      this.#journal.violation('pair.signature', linking.device.jid, `device identity in the answer: ${fault}`, result)
      return
    }
    this.#journal.events.emit({ type: 'linked', device: linking.device.jid })
    client.restart()
  }

  /** The account's owner types the pairing code that a client shows. */
  async enterCode(code: string, user: User): Promise<void> {
    await this.#byCode.enter(code, user)
  }

  /** Requests of a client that is not paired: only those of pairing by code have an answer. */
  request(client: Unpaired, iq: WaNode): void {
    const head = { from: S_WHATSAPP_NET, id: iq.attrs.id }
    const registration = childOf(iq, 'link_code_companion_reg')
    try {
      if (registration?.attrs.stage === 'companion_hello') {
        client.send(element('iq', { ...head, type: 'result' }, [this.#byCode.hello(client, registration)]))
      } else if (registration?.attrs.stage === 'companion_finish') {
        const { user, advSecret } = this.#byCode.finish(client, registration)
        client.send(element('iq', { ...head, type: 'result' }))
        this.link(client, user, advSecret)
      } else throw new ProtocolError('pair.request', 'a request that a client may not make before it is paired')
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#journal.violation(error.code, 'unpaired', error.message, iq)
      client.send(element('iq', { ...head, type: 'error' }, [element('error', { code: '400' })]))
    }
  }

  /** The client is gone; a device that it never confirmed goes with it. */
  forget(client: Unpaired): void {
    for (const [ref, owner] of this.#byRef) if (owner === client) this.#byRef.delete(ref)
    const unconfirmed = this.#linking.get(client)
    if (unconfirmed) unconfirmed.user.devices.delete(unconfirmed.device.id)
    this.#linking.delete(client)
    this.#byCode.forget(client)
  }

  #request(tag: string, content: WaNode[]): WaNode {
    const attrs = { from: S_WHATSAPP_NET, type: 'set', xmlns: 'md', id: randomHex(8, this.#random) }
    return element('iq', attrs, [element(tag, {}, content)])
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

function keysFrom(data: proto.ClientPayload.IDevicePairingRegistrationData): DeviceKeys | undefined {
  const { eRegid, eIdent, eSkeyId, eSkeyVal, eSkeySig } = data
  if (eRegid?.length !== 4 || eIdent?.length !== 32 || eSkeyId?.length !== 3) return undefined
  if (eSkeyVal?.length !== 32 || eSkeySig?.length !== 64) return undefined
  return {
    registrationId: Buffer.from(eRegid).readUInt32BE(),
    identityKey: eIdent,
    signedPreKey: { keyId: Buffer.from(eSkeyId).readUIntBE(0, 3), publicKey: eSkeyVal, signature: eSkeySig },
    oneTimeKeys: [],
  }
}
