import type { WaNode } from '../../whatsapp/wa-client.ts'
import { childOf, contentBytes, element } from '../server/node.ts'
import type { RelayBlock } from '../server/relay-port.ts'

/** The two attributes by which every action names its call. */
export interface CallName {
  readonly callId: string
  /** LID device JID of the caller. */
  readonly creator: string
}

const capabilityOffer = Uint8Array.of(0x01, 0x05, 0xf7, 0x09, 0xe0, 0xbb, 0x13)
const capabilityPreaccept = Uint8Array.of(0x01, 0x05, 0xf7, 0x09, 0xe0, 0xbb, 0x07)
/** Byte 5 without the bit for MLow. */
const capabilityOpus = Uint8Array.of(0x01, 0x05, 0xf7, 0x09, 0xe0, 0x3b, 0x13)
const capabilityOpusPreaccept = Uint8Array.of(0x01, 0x05, 0xf7, 0x09, 0xe0, 0x3b, 0x07)
const latencyBase = 0x200_0000

const named = ({ callId, creator }: CallName) => ({ 'call-id': callId, 'call-creator': creator })
const audio = (rate: string) => element('audio', { enc: 'opus', rate })
const capability = (blob: Uint8Array) => element('capability', { ver: '1' }, blob)
const encopt = element('encopt', { keygen: '2' })

export function offer(
  call: CallName,
  keys: readonly WaNode[],
  identity: Uint8Array | undefined,
  token?: Uint8Array,
  codec: 'mlow' | 'opus' = 'mlow',
): WaNode {
  return element('offer', named(call), [
    ...(token ? [element('privacy', {}, token)] : []),
    audio('8000'),
    audio('16000'),
    element('net', { medium: '3' }),
    capability(codec === 'opus' ? capabilityOpus : capabilityOffer),
    element('destination', {}, keys),
    encopt,
    ...(identity ? [element('device-identity', {}, identity)] : []),
  ])
}

export const preaccept = (call: CallName, codec: 'mlow' | 'opus' = 'mlow'): WaNode =>
  element('preaccept', named(call), [
    audio('16000'),
    encopt,
    capability(codec === 'opus' ? capabilityOpusPreaccept : capabilityPreaccept),
  ])

export const accept = (call: CallName, codec: 'mlow' | 'opus' = 'mlow'): WaNode =>
  element('accept', named(call), [
    audio('16000'),
    element('net', { medium: '2' }),
    encopt,
    element('metadata', { peer_abtest_bucket_id_list: '125208,94276' }),
    capability(codec === 'opus' ? capabilityOpus : capabilityOffer),
  ])

/** The form in which the callee repeats the call key for the caller. */
export const acceptWithKey = (call: CallName, enc: WaNode): WaNode =>
  element('accept', named(call), [audio('16000'), element('net', { medium: '3' }), enc, encopt])

/** Whether its capability has bit 36, for packets with copies. */
export const readsCopies = (action: WaNode): boolean =>
  ((contentBytes(childOf(action, 'capability'))?.[6] ?? 0) & 0x10) !== 0

export const reject = (call: CallName, reason: string | undefined): WaNode =>
  element('reject', { ...named(call), count: '0', reason })

export const terminate = (call: CallName, reason?: string): WaNode => element('terminate', { ...named(call), reason })

export const muteState = (call: CallName, muted: boolean): WaNode =>
  element('mute_v2', { ...named(call), 'mute-state': muted ? '1' : '0' })

export const transport = (call: CallName): WaNode =>
  element('transport', { ...named(call), 'transport-message-type': '1', 'p2p-cand-round': '1' }, [
    element('net', { medium: '2', protocol: '0' }),
  ])

export const ipv4Relays = ({ endpoints }: RelayBlock): RelayBlock['endpoints'] =>
  endpoints.filter((relay) => relay.protocol === 0 && relay.endpoint.address.includes('.'))

/** How far the phone has it to each relay, one entry per IPv4 relay. */
export function relayLatency(call: CallName, block: RelayBlock): WaNode {
  const entries = ipv4Relays(block).map(({ relayName, endpoint, c2rRttMs }) => {
    const latency = String(latencyBase + (c2rRttMs ?? 0))
    const bytes = [...endpoint.address.split('.').map(Number), endpoint.port >> 8, endpoint.port & 255]
    return element('te', { latency, relay_name: relayName }, Uint8Array.from(bytes))
  })
  return element('relaylatency', named(call), entries)
}

export const callTo = (to: string, id: string, action: WaNode): WaNode => element('call', { to, id }, [action])

/** Says that an offer or accept has arrived. */
export const receiptFor = (stanza: WaNode, action: WaNode): WaNode =>
  element('receipt', { to: stanza.attrs.from, id: stanza.attrs.id }, [
    element(action.tag, { 'call-id': action.attrs['call-id'], 'call-creator': action.attrs['call-creator'] }),
  ])

export const ackOf = (stanza: WaNode, type: string | undefined): WaNode =>
  element('ack', {
    class: stanza.tag,
    id: stanza.attrs.id,
    to: stanza.attrs.from,
    type,
    participant: stanza.attrs.participant,
    recipient: stanza.attrs.recipient,
  })
