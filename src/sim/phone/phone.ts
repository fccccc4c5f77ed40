import type { Timer } from '../../base/clock.ts'
import { TandemError } from '../../base/errors.ts'
import { Signal } from '../../base/events.ts'
import type { User } from '../server/directory.ts'
import { type PhoneBehaviour, usualBehaviour } from './behaviour.ts'
import { newDevice } from './new-device.ts'
import type { PhoneCall } from './phone-call.ts'
import { PhoneDevice } from './phone-device.ts'
import type { PhoneNetwork } from './phone-line.ts'

/** A person's WhatsApp: a number with one or more devices that all ring, and one behaviour. */
export class Phone {
  readonly user: User
  /** Every call of every device, when it begins. */
  readonly calls = new Signal<PhoneCall>()
  behaviour: PhoneBehaviour
  readonly #network: PhoneNetwork
  readonly #devices: PhoneDevice[]
  readonly #timers = new Set<Timer>()

  constructor(network: PhoneNetwork, user: User, deviceCount: number, behaviour: Partial<PhoneBehaviour>) {
    this.#network = network
    this.user = user
    this.behaviour = { ...usualBehaviour, ...behaviour }
    this.#devices = Array.from({ length: deviceCount }, () => this.#addDevice())
  }

  /** Dials a number of the simulated network from this phone itself. */
  call(number: string, callId?: string): PhoneCall {
    const callee = this.#network.directory.byNumber(number)
    const primary = this.#devices[0]
    if (!callee || !primary) throw new TandemError('sim.number-unknown', 'no such number on the simulated network')
    return primary.dial(callee, callId)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel()
    await Promise.all(this.#devices.map((device) => device.close()))
    this.calls.clear()
  }

  #addDevice(): PhoneDevice {
    const { directory, clock } = this.#network
    const phoneDevice = new PhoneDevice({
      network: this.#network,
      user: this.user,
      ...newDevice(directory, this.user, clock),
      behaviour: () => this.behaviour,
    })
    phoneDevice.calls.on((call) => this.#begun(call))
    return phoneDevice
  }

  #begun(call: PhoneCall): void {
    this.calls.emit(call)
    const { callsBackAfterMs } = this.behaviour
    if (call.direction === 'out' || callsBackAfterMs === undefined) return
    call.events.on((event) => {
      if (event.type === 'over' && event.reason === 'rejected') this.#callBack(call.name.creator, callsBackAfterMs)
    })
  }

  #callBack(caller: string, afterMs: number): void {
    const number = this.#network.directory.byJid(caller)?.number
    if (number === undefined) return
    const timer = this.#network.clock.after(afterMs, () => {
      this.#timers.delete(timer)
      this.call(number)
    })
    this.#timers.add(timer)
  }
}
