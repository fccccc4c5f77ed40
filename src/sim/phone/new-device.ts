import { Curve } from 'baileys'
import type { Clock } from '../../base/clock.ts'
import { countersign, signDevice } from '../server/device-identity.ts'
import type { Device, Directory, User } from '../server/directory.ts'
import { SignalSessions } from './signal-sessions.ts'

export interface NewDevice {
  readonly device: Device
  readonly sessions: SignalSessions
  /** Bytes of `<device-identity>`; a phone itself (device 0) has none. */
  readonly identity: Uint8Array | undefined
}

/** One more device of a user, with keys that others can open sessions with. The user's first is the phone itself. */
export function newDevice(directory: Directory, user: User, clock: Clock): NewDevice {
  const device = directory.addDevice(user, undefined)
  const keyPair = device.id === 0 ? user.identity : Curve.generateKeyPair()
  const sessions = new SignalSessions(keyPair)
  device.keys = sessions.publish()
  const signed = signDevice(user, device.keyIndex, keyPair.public, Math.floor(clock.wallMs() / 1000))
  return { device, sessions, identity: device.id === 0 ? undefined : countersign(signed, keyPair) }
}
