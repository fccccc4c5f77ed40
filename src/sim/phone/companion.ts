import type { Clock } from '../../base/clock.ts'
import type { CallKeyForDevices, Jid } from '../../whatsapp/wa-client.ts'
import { type Device, numberJid, type User, userJid } from '../server/directory.ts'
import { element } from '../server/node.ts'
import { takeBundle } from '../server/pre-keys.ts'
import type { LocalDevice, LocalHandlers, SimServer } from '../server/sim-server.ts'
import { type NewDevice, newDevice } from './new-device.ts'

/**
 * A linked device whose client is an object of this process: the same stanzas and the same Signal sessions as over the
 * websocket, at the time of the simulator's clock and not of the machine's.
 */
export class Companion {
  readonly #server: SimServer
  readonly #user: User
  readonly #own: NewDevice
  /** Numbers by LID: those that were asked for, or told. */
  readonly #numbers = new Map<Jid, string>()

  constructor(server: SimServer, user: User, clock: Clock) {
    this.#server = server
    this.#user = user
    this.#own = newDevice(server.directory, user, clock)
  }

  get pn(): Jid {
    return numberJid(this.#user, this.#own.device.id)
  }

  get lid(): Jid {
    return this.#own.device.jid
  }

  /** Logs in; undefined when that fails. */
  connect(handlers: LocalHandlers): LocalDevice | undefined {
    return this.#server.connectLocally(this.#user, this.#own.device, handlers)
  }

  lidForNumber(digits: string): Jid | undefined {
    const user = this.#server.directory.byNumber(digits)
    if (user) this.#numbers.set(userJid(user), digits)
    return user && userJid(user)
  }

  numberForLid(lid: Jid): string | undefined {
    const user = this.#server.directory.byJid(lid)
    return user && this.#numbers.get(userJid(user))
  }

  rememberNumber(lid: Jid, digits: string): void {
    const { directory } = this.#server
    const user = directory.byJid(lid)
    if (!user) return
    const known = this.#numbers.get(userJid(user))
    if (known === undefined || directory.byNumber(known) !== user) this.#numbers.set(userJid(user), digits)
  }

  devices(user: Jid): readonly Jid[] {
    const devices: Device[] = [...(this.#server.directory.byJid(user)?.devices.values() ?? [])]
    return devices.map(({ jid }) => jid).filter((jid) => jid !== this.lid)
  }

  async encryptCallKey(devices: readonly Jid[], callKey: Uint8Array): Promise<CallKeyForDevices> {
    const keys: CallKeyForDevices['keys'][number][] = []
    const unreachable: Jid[] = []
    for (const jid of devices) {
      const device = this.#server.directory.deviceByJid(jid)
      if (!device?.keys) {
        unreachable.push(jid)
        continue
      }
      const { attrs, content } = await this.#own.sessions.encryptCallKey(device.jid, callKey, () => takeBundle(device))
      keys.push({ jid, type: attrs.type === 'pkmsg' ? 'pkmsg' : 'msg', ciphertext: content as Uint8Array })
    }
    const isFresh = keys.some(({ type }) => type === 'pkmsg')
    return { keys, deviceIdentity: isFresh ? this.#own.identity : undefined, unreachable }
  }

  /** Rejects with `ProtocolError` when there is no readable key in it. */
  decryptCallKey(from: Jid, type: string, ciphertext: Uint8Array): Promise<Uint8Array> {
    const device = this.#server.directory.deviceByJid(from)
    const enc = element('enc', { v: '2', type }, ciphertext)
    return this.#own.sessions.decryptCallKey(device?.jid ?? from, enc)
  }

  close(): void {
    this.#own.sessions.close()
  }
}
