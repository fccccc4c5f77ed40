import type { Clock } from '../../base/clock.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { CallBehaviour } from './call-behaviour.ts'
import { encryptedFor } from './call-forms.ts'
import { CallRecord } from './call-record.ts'
import { actionVerdict, envelopeVerdict, offerVerdict, type Sender, type Verdict } from './call-rules.ts'
import { actionForDevice, callFrom, offerAckContent, offerForDevice, voipSettingsNode } from './call-stanzas.ts'
import { type Device, type Directory, deviceJid, type User, userJid } from './directory.ts'
import type { CallEnd, Journal } from './journal.ts'
import { keepNewest } from './keep-newest.ts'
import { ackFor } from './mailbox.ts'
import { childOf, childrenOf, element } from './node.ts'
import type { PostOffice } from './post-office.ts'
import { relayNode } from './relay-block.ts'
import type { RelayBlock, RelayService } from './relay-port.ts'
import type { CallDesk } from './sessions.ts'

const ACCEPT_REFUSED = 400
const REMEMBERED_OFFERS = 1000

export interface CallRouterOptions {
  readonly directory: Directory
  readonly journal: Journal
  readonly post: PostOffice
  readonly relays: RelayService
  readonly clock: Clock
  readonly random: Random
  readonly behaviour: CallBehaviour
}

/** Takes `<call>` stanzas and their receipts, has them judged, and passes them on to the devices they are for. */
export class CallRouter implements CallDesk {
  readonly #options: CallRouterOptions
  readonly #calls = new Map<string, CallRecord>()
  /** Call-ids of offers that were swallowed: nothing is known of them, and nothing said. */
  readonly #swallowed = new Set<string>()

  constructor(options: CallRouterOptions) {
    this.#options = options
  }

  /** Fields may be set while the server runs. */
  get behaviour(): CallBehaviour {
    return this.#options.behaviour
  }

  call(user: User, device: Device, stanza: WaNode): void {
    const from: Sender = { user, device }
    if (!stanza.attrs.id) {
      this.#violation('stanza.no-id', from, 'a call stanza without id is dropped unseen', stanza)
      return
    }
    const verdict = envelopeVerdict(stanza)
    const action = childrenOf(stanza)[0]
    if (verdict || !action) this.#judged(from, stanza, verdict)
    else if (action.tag === 'offer') this.#offer(from, stanza, action)
    else this.#action(from, stanza, action)
  }

  /** A receipt says that a stanza has arrived at a device; the server passes it on to the stanza's sender. */
  receipt(user: User, device: Device, stanza: WaNode): void {
    const { id } = stanza.attrs
    const action = childrenOf(stanza)[0]
    const to = deviceJid(stanza.attrs.to ?? '')
    const call = this.#calls.get(action?.attrs['call-id'] ?? '')
    if (id && call?.takeReceipt(device.jid, to, id)) {
      const attrs = { from: device.jid, id, t: this.#timestamp() }
      this.#options.post.deliver(to, element('receipt', attrs, action ? [action] : []))
    } else {
      const message = 'a receipt for no stanza that was delivered, or a second one'
      this.#violation('receipt.of-nothing', { user, device }, message, stanza)
    }
    this.#options.post.answer(device.jid, ackFor(stanza, { type: stanza.attrs.type }))
  }

  /** A stanza that the server made itself is on its way to a device, which may send a receipt for it. */
  noteDelivery(device: string, stanza: WaNode): void {
    const call = this.#calls.get(childrenOf(stanza)[0]?.attrs['call-id'] ?? '')
    call?.passedOn(device, stanza.attrs.from ?? '', stanza.attrs.id ?? '')
  }

  /** What the server has told a device about the relays of a call. */
  relayBlock(callId: string, device: string): RelayBlock | undefined {
    return this.#calls.get(callId)?.relays.get(device)
  }

  close(): void {
    for (const call of this.#calls.values()) this.#finished(call, call.finish('stopped'))
  }

  #offer(from: Sender, stanza: WaNode, offer: WaNode): void {
    const { directory, behaviour } = this.#options
    const callee = directory.byJid(stanza.attrs.to)
    if (
      this.#judged(
        from,
        stanza,
        offerVerdict(from, stanza, offer, callee, (id) => this.#calls.has(id)),
      ) ||
      !callee
    )
      return
    if (typeof behaviour.offers === 'object') this.#ack(from, stanza, behaviour.offers.error)
    else if (behaviour.offers === 'unanswered') this.#swallow(offer.attrs['call-id'] ?? '')
    else this.#ring(from, stanza, offer, callee)
  }

  #swallow(callId: string): void {
    this.#swallowed.add(callId)
    keepNewest(this.#swallowed, REMEMBERED_OFFERS)
  }

  #ring(from: Sender, stanza: WaNode, offer: WaNode, callee: User): void {
    const { relays, clock, behaviour, random } = this.#options
    const callId = offer.attrs['call-id'] ?? ''
    const devices = [...callee.devices.values()].map((device) => device.jid)
    const call = new CallRecord(
      callId,
      from.device.jid,
      callee,
      relays.offerRelays(callId, [from.device.jid, ...devices]),
    )
    this.#calls.set(callId, call)
    const settings = voipSettingsNode(behaviour.voipSettings)
    const ownBlock = call.relaysOf(call.caller)
    const ackedBlock = behaviour.offers === 'accepted' ? ownBlock : undefined
    this.#ack(from, stanza, undefined, offerAckContent(ackedBlock, callee, settings))
    if (behaviour.offers === 'late-relays') this.#tellRelaysLate(call, ownBlock)
    for (const { device, enc } of encryptedFor(offer, devices[0])) {
      const to = deviceJid(device)
      const parts = {
        caller: from.user,
        enc,
        block: call.relaysOf(to),
        settings,
        rte: random.bytes(6),
        isNamed: behaviour.namesCallers,
      }
      this.#passOn(call, from, to, stanza, offerForDevice(offer, parts))
    }
    call.ringTimer = clock.after(behaviour.ringTimeoutMs, () => this.#ringTimeout(call))
  }

  #action(from: Sender, stanza: WaNode, action: WaNode): void {
    const callId = action.attrs['call-id'] ?? ''
    if (this.#swallowed.has(callId)) return
    const call = this.#calls.get(callId)
    if (this.#judged(from, stanza, actionVerdict(from, action, call)) || !call) return
    if (action.tag === 'accept' && this.#options.behaviour.acceptNeedsKey && !childOf(action, 'enc')) {
      return this.#ack(from, stanza, ACCEPT_REFUSED)
    }
    if (this.#options.behaviour.acksActions) this.#ack(from, stanza, undefined)
    const targets = this.#targets(from, stanza, action, call)
    if (call.end) return
    for (const target of [...targets, ...this.#siblingsTold(action, from, call)]) {
      this.#passOn(call, from, target, stanza, actionForDevice(action))
    }
    const how = call.follow(action, from.device.jid, targets)
    if (how && from.device.jid === call.caller && call.leftRinging().length > 0) {
      this.#violation('call.left-ringing', from, 'the call is over, and devices that did not answer still ring', stanza)
    }
    this.#finished(call, how)
  }

  /** The devices a stanza is for: those of its `<destination>`, or the one it is addressed to (bare: device 0). */
  #targets(from: Sender, stanza: WaNode, action: WaNode, call: CallRecord): string[] {
    const destination =
      this.#options.behaviour.destinations === 'everywhere' ? childOf(action, 'destination') : undefined
    const listed = childrenOf(destination).map(({ attrs }) => deviceJid(attrs.jid ?? ''))
    const asked = listed.length > 0 ? listed : [deviceJid(stanza.attrs.to ?? '')]
    const across = from.device.jid === call.caller ? [...call.rung] : [call.caller]
    for (const device of asked.filter((jid) => !across.includes(jid))) {
      this.#violation('call.to', from, `${action.tag} to ${device}, not on the other side of the call`, stanza)
    }
    return asked.filter((device) => across.includes(device))
  }

  /** Some see the caller's relays in a `<transport>` instead of the ack. */
  #tellRelaysLate(call: CallRecord, block: RelayBlock): void {
    const named = { 'call-id': call.id, 'call-creator': call.caller }
    const action = element('transport', { ...named, 'transport-message-type': '0', 'p2p-cand-round': '0' }, [
      relayNode(block),
    ])
    this.#tell(call.caller, userJid(call.callee), action)
  }

  #siblingsTold(action: WaNode, from: Sender, call: CallRecord): string[] {
    if (!this.#options.behaviour.tellSiblings || from.device.jid === call.caller) return []
    if (action.tag !== 'accept' && action.tag !== 'reject') return []
    return [...call.rung].filter((device) => device !== from.device.jid)
  }

  #passOn(call: CallRecord, from: Sender, to: string, stanza: WaNode, action: WaNode): void {
    const id = stanza.attrs.id ?? ''
    call.passedOn(to, from.device.jid, id)
    this.#options.post.deliver(to, callFrom(from.user, from.device.jid, id, this.#timestamp(), action))
  }

  /** Nobody has answered: both sides are told, the caller in the name of the callee and the other way round. */
  #ringTimeout(call: CallRecord): void {
    if (call.answeredBy !== undefined || call.end) return
    const action = element('terminate', { 'call-id': call.id, 'call-creator': call.caller, reason: 'timeout' })
    this.#tell(call.caller, userJid(call.callee), action)
    for (const device of call.ringing()) this.#tell(device, call.caller, action)
    this.#finished(call, call.finish('timeout'))
  }

  /** A `<call>` that the server makes itself, in somebody's name. */
  #tell(to: string, from: string, action: WaNode): void {
    const id = randomHex(16, this.#options.random).toUpperCase()
    this.#options.post.deliver(to, element('call', { from, id, t: this.#timestamp() }, [action]))
  }

  #finished(call: CallRecord, how: CallEnd | undefined): void {
    if (!how) return
    this.#options.relays.endCall(call.id)
    this.#options.journal.events.emit({ type: 'call-ended', callId: call.id, how })
  }

  /** Records a verdict's faults; true when the stanza was refused, with its error in the ack. */
  #judged(from: Sender, stanza: WaNode, verdict: Verdict | undefined): boolean {
    for (const { code, message } of verdict?.faults ?? []) this.#violation(code, from, message, stanza)
    if (verdict?.error !== undefined) this.#ack(from, stanza, verdict.error)
    return verdict?.error !== undefined
  }

  #ack(from: Sender, stanza: WaNode, error: number | undefined, content: WaNode[] = []): void {
    const { ackError, ackType } = this.#options.behaviour
    const inChild = error !== undefined && ackError === 'child'
    const errorNode = inChild ? [element('error', { code: String(error) })] : []
    const errorAttribute = error === undefined || inChild ? undefined : String(error)
    const type = ackType === 'named' ? childrenOf(stanza)[0]?.tag : undefined
    const attrs = { type, error: errorAttribute }
    this.#options.post.answer(from.device.jid, ackFor(stanza, attrs, [...content, ...errorNode]))
  }

  #violation(code: string, from: Sender, message: string, stanza: WaNode): void {
    this.#options.journal.violation(code, from.device.jid, message, stanza)
  }

  #timestamp(): string {
    return String(Math.floor(this.#options.clock.wallMs() / 1000))
  }
}
