import { VirtualClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { seededRandom } from '../../../src/base/random.ts'
import type { MissedCall } from '../../../src/whatsapp/calls/admission.ts'
import type { Call } from '../../../src/whatsapp/calls/call.ts'
import type { CallEvent } from '../../../src/whatsapp/calls/call-event.ts'
import { CallManager } from '../../../src/whatsapp/calls/call-manager.ts'
import type { IncomingCall } from '../../../src/whatsapp/calls/incoming-call.ts'
import { type CallSettings, defaultCallSettings } from '../../../src/whatsapp/calls/settings.ts'
import type { WaNode } from '../../../src/whatsapp/wa-client.ts'
import { MemoryWaClient, sealCallKey } from '../memory-wa-client.ts'
import { ascii, hex, n } from '../stanza/nodes.ts'

export const SELF = '900000000000001:3@lid'
export const OWN_PHONE = '900000000000001@lid'
export const PEER = '123@lid'
export const PHONE = '123@lid'
export const LAPTOP = '123:7@lid'
export const TABLET = '123:9@lid'
export const STRANGER = '666:1@lid'
export const KEY = new Uint8Array(32).fill(7)

export function relayNode(): WaNode {
  return n('relay', { uuid: 'u', self_pid: '3', peer_pid: '1' }, [
    n('participant', { jid: PHONE, pid: '1' }),
    n('key', {}, ascii('AAAAAAAAAAAAAAAAAAAAAA==')),
    n('token', { id: '0' }, hex('aabb')),
    n('auth_token', { id: '1' }, hex('ccdd')),
    n('te2', { relay_id: '0', relay_name: 'gru1c02', token_id: '0', auth_token_id: '1' }, hex('cb0071090d98')),
  ])
}

/** One account on an in-memory WhatsApp; the test plays the server and the other people's devices. */
export class TestAccount {
  readonly clock = new VirtualClock(1_760_000_000_000)
  readonly client: MemoryWaClient
  readonly manager: CallManager
  readonly incoming: IncomingCall[] = []
  readonly missed: MissedCall[] = []
  readonly warnings: object[] = []
  /** `<call>` stanzas that came in. */
  readonly delivered: WaNode[] = []
  #stanza = 0

  constructor(settings: Partial<CallSettings> = {}) {
    this.client = new MemoryWaClient({
      clock: this.clock,
      users: [{ number: '15550001', lid: PEER, devices: [PHONE, LAPTOP, TABLET] }],
    })
    this.manager = new CallManager({
      client: this.client,
      clock: this.clock,
      random: seededRandom(11),
      logger: { ...silentLogger, warn: (fields, message) => this.warnings.push({ message, ...fields }) },
      settings: { ...defaultCallSettings, ...settings },
    })
    this.manager.onIncoming((call) => this.incoming.push(call))
    this.manager.missed.on((call) => this.missed.push(call))
    this.client.enter('open')
    this.client.acknowledgesActions = true
    this.ackOffers([relayNode()])
  }

  /** The ack of every offer from now on; undefined leaves offers without ack. */
  ackOffers(content: readonly WaNode[] | undefined, attrs: Record<string, string> = {}): void {
    this.client.answerCalls(
      (query) =>
        content && n('ack', { class: 'call', type: 'offer', id: query.attrs.id!, from: PEER, ...attrs }, content),
    )
  }

  /** Delivers one action from a device. */
  deliver(from: string, action: WaNode, attrs: Record<string, string> = {}): WaNode {
    const id = `S${++this.#stanza}`
    const t = String(Math.floor(this.clock.wallMs() / 1000))
    const node = n('call', { from, id, t, ...attrs }, [action])
    this.redeliver(node)
    return node
  }

  redeliver(node: WaNode): void {
    this.delivered.push(node)
    this.client.deliverCall(node)
  }

  /** Lets promises run without moving the time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 4; i++) await this.clock.advance(0)
  }

  get acks(): readonly WaNode[] {
    return this.client.sent.filter((node) => node.tag === 'ack')
  }

  /** Actions sent in `<call>`s, as "tag:reason → receiver". */
  get said(): readonly string[] {
    return this.client.sent.flatMap((node) => {
      const action = node.tag === 'call' ? (node.content as WaNode[])[0] : undefined
      if (!action) return []
      const detail = action.attrs.reason ?? action.attrs['mute-state']
      return [`${action.tag}${detail === undefined ? '' : `:${detail}`} → ${node.attrs.to}`]
    })
  }

  action(tag: string): WaNode {
    const found = this.client.sent.find((node) => node.tag === 'call' && (node.content as WaNode[])[0]?.tag === tag)
    if (!found) throw new Error(`no <${tag}> was sent: ${this.said.join(', ')}`)
    return (found.content as WaNode[])[0]!
  }

  get receipts(): readonly string[] {
    return this.client.sent
      .filter((node) => node.tag === 'receipt')
      .map((node) => `${(node.content as WaNode[])[0]!.tag} ${node.attrs.id} → ${node.attrs.to}`)
  }
}

/** The events of a call, from now on. */
export function eventsOf(call: Call): CallEvent[] {
  const events: CallEvent[] = []
  call.events.on((event) => events.push(event))
  return events
}

export const typesOf = (events: readonly CallEvent[]): readonly string[] =>
  events.map((event) => (event.type === 'ended' ? `ended:${event.cause}` : event.type))

/** An action of a call as a peer's device writes it. */
export function said(call: Call, tag: string, attrs: Record<string, string> = {}, content?: WaNode['content']): WaNode {
  return n(tag, { 'call-id': call.callId, 'call-creator': call.identity.callCreator, ...attrs }, content)
}

export const ACCEPT_CHILDREN = [
  n('audio', { enc: 'opus', rate: '16000' }),
  n('net', { medium: '2' }),
  n('encopt', { keygen: '2' }),
]

export function offerNode(callId: string, creator: string, extra: Record<string, string> = {}, key = KEY): WaNode {
  return n('offer', { 'call-id': callId, 'call-creator': creator, caller_pn: '15550001@s.whatsapp.net', ...extra }, [
    n('audio', { enc: 'opus', rate: '16000' }),
    n('capability', { ver: '1' }, hex('01 05 f7 09 e0 bb 13')),
    n('enc', { v: '2', type: 'pkmsg', count: '0' }, sealCallKey(SELF, key)),
    n('encopt', { keygen: '2' }),
    n('metadata', { peer_abtest_bucket: '', peer_abtest_bucket_id_list: '1,2' }),
    n('rte', {}, hex('2da0ee43c6c3')),
    relayNode(),
  ])
}
