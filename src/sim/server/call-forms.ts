import type { WaNode } from '../../whatsapp/wa-client.ts'
import { childOf, childrenOf, contentBytes } from './node.ts'

export interface Fault {
  readonly code: string
  readonly message: string
}

type Times = 'once' | 'optional' | 'some' | 'any'
type Form = readonly (readonly [tags: string, times: Times])[]

/** Children of each action in the order in which they have to come (docs/protocol/server.md, "Call stanzas"). */
const forms: Readonly<Record<string, Form>> = {
  offer: [
    ['privacy', 'optional'],
    ['audio', 'some'],
    ['video', 'optional'],
    ['net', 'once'],
    ['capability', 'once'],
    ['destination|enc', 'once'],
    ['encopt', 'once'],
    ['device-identity', 'optional'],
  ],
  preaccept: [
    ['audio', 'some'],
    ['encopt', 'once'],
    ['capability', 'once'],
  ],
  accept: [
    ['audio', 'some'],
    ['te', 'optional'],
    ['net', 'once'],
    ['enc', 'optional'],
    ['encopt', 'once'],
    ['device-identity', 'optional'],
    ['metadata', 'optional'],
    ['capability', 'optional'],
    ['rte', 'optional'],
    ['voip_settings', 'optional'],
  ],
  relaylatency: [
    ['te', 'some'],
    ['destination', 'optional'],
  ],
  transport: [
    ['te', 'any'],
    ['net', 'optional'],
  ],
  mute_v2: [],
  reject: [],
  terminate: [['destination', 'optional']],
}

/** What these attributes must look like, by element. */
const attributes: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  audio: { enc: /^opus$/, rate: /^(8000|16000)$/ },
  net: { medium: /^[123]$/ },
  capability: { ver: /^1$/ },
  encopt: { keygen: /^2$/ },
  enc: { v: /^2$/, type: /^(pkmsg|msg)$/ },
  transport: { 'transport-message-type': /^\d+$/, 'p2p-cand-round': /^\d+$/ },
  mute_v2: { 'mute-state': /^[01]$/ },
}

const capabilityBytes = 7
/** A latency is written as 0x2000000 plus milliseconds. */
const latencyBase = 0x200_0000
const latencyMaxMs = 60_000

export const isKnownAction = (tag: string) => tag in forms

/** What is wrong with an action's form, apart from who sends it to whom. */
export function formFaults(action: WaNode): Fault[] {
  const form = forms[action.tag] ?? []
  const order = orderFault(action, form)
  const own = [action, ...childrenOf(action)].flatMap(attributeFaults)
  return [...(order ? [order] : []), ...own, ...childrenOf(action).flatMap(contentFaults)]
}

function orderFault(action: WaNode, form: Form): Fault | undefined {
  const tags = childrenOf(action).map((child) => child.tag)
  let at = 0
  for (const [names, times] of form) {
    const allowed = names.split('|')
    let count = 0
    while (at < tags.length && allowed.includes(tags[at]!)) {
      at++
      count++
    }
    if (count === 0 && (times === 'once' || times === 'some'))
      return orderMessage(action.tag, tags, `no ${names} at its place`)
    if (count > 1 && (times === 'once' || times === 'optional'))
      return orderMessage(action.tag, tags, `${count} times ${names}`)
  }
  return at < tags.length ? orderMessage(action.tag, tags, `${tags[at]} where nothing more is allowed`) : undefined
}

function orderMessage(tag: string, tags: readonly string[], what: string): Fault {
  return { code: 'call.child-order', message: `${tag} with children [${tags.join(' ')}]: ${what}` }
}

function attributeFaults(node: WaNode): Fault[] {
  const wrong = Object.entries(attributes[node.tag] ?? {}).filter(([name, form]) => !form.test(node.attrs[name] ?? ''))
  return wrong.map(([name]) => ({
    code: 'call.attribute',
    message: `${node.tag} ${name}=${JSON.stringify(node.attrs[name])}`,
  }))
}

function contentFaults(node: WaNode): Fault[] {
  const size = contentBytes(node)?.length ?? 0
  switch (node.tag) {
    case 'capability':
      return size === capabilityBytes
        ? []
        : [{ code: 'call.capability', message: `capability of ${size} bytes, 7 needed` }]
    case 'enc':
      return size > 0 ? [] : [{ code: 'call.enc-empty', message: 'enc without ciphertext' }]
    case 'te':
      return teFaults(node, size)
    default:
      return []
  }
}

function teFaults(node: WaNode, size: number): Fault[] {
  const faults: Fault[] = []
  if (size !== 6 && size !== 18) faults.push({ code: 'call.address', message: `te of ${size} bytes, 6 or 18 needed` })
  if (node.attrs.latency !== undefined) {
    const latencyMs = Number(node.attrs.latency) - latencyBase
    if (!(latencyMs >= 0 && latencyMs <= latencyMaxMs)) {
      faults.push({ code: 'call.latency', message: `te latency=${node.attrs.latency}: not 33554432 plus milliseconds` })
    }
  }
  return faults
}

export interface Encrypted {
  readonly device: string
  readonly enc: WaNode
}

/** The `<enc>` of an offer by device JID; a bare `<enc>` is for the only device, `soleDevice`. */
export function encryptedFor(offer: WaNode, soleDevice: string | undefined): Encrypted[] {
  const bare = childOf(offer, 'enc')
  if (bare) return soleDevice === undefined ? [] : [{ device: soleDevice, enc: bare }]
  return childrenOf(childOf(offer, 'destination')).flatMap((to) => {
    const enc = childOf(to, 'enc')
    return enc && to.attrs.jid ? [{ device: to.attrs.jid, enc }] : []
  })
}
