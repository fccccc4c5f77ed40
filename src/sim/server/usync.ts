import type { WaNode } from '../../whatsapp/wa-client.ts'
import { type Directory, numberJid, type User, userJid } from './directory.ts'
import { childOf, childrenOf, contentBytes, element } from './node.ts'

/** Answers a user-sync query: for each user asked, the protocols asked (contact, devices, lid). */
export function answerUsync(directory: Directory, iq: WaNode, timestampS: number): WaNode {
  const request = childOf(iq, 'usync')
  const protocols = childrenOf(childOf(request, 'query')).map((protocol) => protocol.tag)
  const users = childrenOf(childOf(request, 'list')).map((asked) => answerUser(directory, protocols, asked, timestampS))
  const result = element(
    'result',
    {},
    protocols.map((tag) => element(tag)),
  )
  return element('usync', { ...request?.attrs }, [result, element('list', {}, users)])
}

function answerUser(directory: Directory, protocols: readonly string[], asked: WaNode, timestampS: number): WaNode {
  const phone = new TextDecoder().decode(contentBytes(childOf(asked, 'contact'))).replace('+', '')
  const user = asked.attrs.jid ? directory.byJid(asked.attrs.jid) : directory.byNumber(phone)
  const jid = asked.attrs.jid ?? (user ? numberJid(user) : `${phone}@s.whatsapp.net`)
  const answers = protocols.map((protocol) => answerProtocol(protocol, jid, user, timestampS))
  return element(
    'user',
    { jid },
    answers.filter((answer) => answer !== undefined),
  )
}

function answerProtocol(protocol: string, jid: string, user: User | undefined, timestampS: number): WaNode | undefined {
  switch (protocol) {
    case 'contact':
      return element('contact', { type: user ? 'in' : 'out' })
    case 'devices':
      return user && devicesOf(user, timestampS)
    case 'lid':
      return user && !jid.endsWith('@lid') ? element('lid', { val: userJid(user) }) : undefined
    default:
      return undefined
  }
}

function devicesOf(user: User, timestampS: number): WaNode {
  const devices = [...user.devices.values()].map(({ id, keyIndex }) =>
    element('device', { id: String(id), 'key-index': id === 0 ? undefined : String(keyIndex) }),
  )
  return element('devices', {}, [
    element('device-list', {}, devices),
    element('key-index-list', { ts: String(timestampS) }),
  ])
}
