import { isLidUser } from 'baileys'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import { encryptedFor, type Fault, formFaults, isKnownAction } from './call-forms.ts'
import type { CallRecord } from './call-record.ts'
import { deviceIdentityFault } from './device-identity.ts'
import { type Device, deviceJid, type User } from './directory.ts'
import { childOf, childrenOf, contentBytes } from './node.ts'

export interface Sender {
  readonly user: User
  readonly device: Device
}

/** Faults of a stanza, and the error its ack carries when the server does not pass it on. */
export interface Verdict {
  readonly faults: readonly Fault[]
  readonly error: number | undefined
}

const errorBadRequest = 400
const errorNotFound = 404
const errorChildOrder = 439
const errorNoPrivacyToken = 463

const fault = (code: string, message: string): Fault => ({ code, message })
const refused = (error: number, ...faults: Fault[]): Verdict => ({ faults, error })

/** What is wrong with a `<call>` before its child is looked into. */
export function envelopeVerdict(stanza: WaNode): Verdict | undefined {
  const [action, ...others] = childrenOf(stanza)
  if (!action || others.length > 0)
    return refused(errorBadRequest, fault('call.children', 'a call needs exactly one child'))
  if (!action.attrs['call-id'])
    return refused(errorBadRequest, fault('call.no-call-id', `${action.tag} without call-id`))
  return undefined
}

/** An offer to `callee`, undefined when its `to` names nobody; `isUsed` knows the call-ids that there have been. */
export function offerVerdict(
  from: Sender,
  stanza: WaNode,
  offer: WaNode,
  callee: User | undefined,
  isUsed: (callId: string) => boolean,
): Verdict {
  const form = formFaults(offer)
  if (form.length > 0) return refused(errorChildOrder, ...form)
  if (!callee || !isLidUser(stanza.attrs.to)) {
    return refused(errorNotFound, fault('offer.to', 'an offer goes to the LID of an existing user'))
  }
  if (callee === from.user) return refused(errorBadRequest, fault('offer.to-self', 'an offer to the own user'))
  if (isUsed(offer.attrs['call-id'] ?? '')) {
    return refused(errorBadRequest, fault('offer.call-id-reused', 'the call-id has been used before'))
  }
  const encs = childrenOf(childOf(offer, 'destination')).map((to) => childOf(to, 'enc'))
  const faults = [
    ...creatorFaults(offer, from.device.jid),
    ...deviceFaults(offer, callee),
    ...identityFaults(from, offer, [childOf(offer, 'enc'), ...encs]),
  ]
  if (faults.length > 0) return refused(errorBadRequest, ...faults)
  return { faults, error: callee.onlyWithToken && !hasToken(offer, callee) ? errorNoPrivacyToken : undefined }
}

/** Any later action. Faults of its form are noted, but only a wrong place in the call makes the server refuse it. */
export function actionVerdict(from: Sender, action: WaNode, call: CallRecord | undefined): Verdict {
  if (!call) return refused(errorNotFound, fault('call.unknown', `${action.tag} for an unknown call-id`))
  if (!call.has(from.device.jid)) {
    return refused(errorBadRequest, fault('call.stranger', `${action.tag} from a device that has no part in the call`))
  }
  const creator = creatorFaults(action, call.caller)
  if (creator.length > 0) return refused(errorBadRequest, ...creator)
  const known = isKnownAction(action.tag) ? [] : [fault('call.action', `no such action as ${action.tag}`)]
  const enc = childOf(action, 'enc')
  const identity = enc ? identityFaults(from, action, [enc]) : []
  return { faults: [...known, ...formFaults(action), ...identity], error: undefined }
}

function creatorFaults(action: WaNode, creator: string): Fault[] {
  const given = action.attrs['call-creator']
  return given === creator ? [] : [fault('call.creator', `${action.tag} with call-creator ${given}, not ${creator}`)]
}

/** An offer needs one `<enc>` for each device of the callee and for no other. */
function deviceFaults(offer: WaNode, callee: User): Fault[] {
  const devices = [...callee.devices.values()].map((device) => device.jid)
  const addressed = encryptedFor(offer, devices.length === 1 ? devices[0] : undefined).map((to) => deviceJid(to.device))
  const missing = devices.filter((device) => !addressed.includes(device))
  const unknown = addressed.filter((device) => !devices.includes(device))
  return [
    ...missing.map((device) => fault('offer.device-missing', `no enc for ${device}`)),
    ...unknown.map((device) => fault('offer.device-unknown', `enc for ${device}, not a device of the callee`)),
    ...(new Set(addressed).size < addressed.length ? [fault('offer.device-twice', 'a device is addressed twice')] : []),
  ]
}

/** `<device-identity>` goes with a `pkmsg`, and only with one; the phone itself has none to show. */
function identityFaults(from: Sender, action: WaNode, encs: readonly (WaNode | undefined)[]): Fault[] {
  if (from.device.id === 0) return []
  const identity = contentBytes(childOf(action, 'device-identity'))
  const needed = encs.some((enc) => enc?.attrs.type === 'pkmsg')
  if (needed && !identity) return [fault('call.device-identity', 'a pkmsg without device-identity')]
  if (!identity || !from.device.keys) return []
  if (!needed) return [fault('call.device-identity', 'device-identity without any pkmsg')]
  const why = deviceIdentityFault(identity, from.user, from.device.keys.identityKey)
  return why ? [fault('call.device-identity', `device-identity: ${why}`)] : []
}

function hasToken(offer: WaNode, callee: User): boolean {
  const token = contentBytes(childOf(offer, 'privacy'))
  return token !== undefined && Buffer.from(token).equals(callee.privacyToken)
}
