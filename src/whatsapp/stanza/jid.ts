import type { Jid } from '../wa-client.ts'

interface JidParts {
  readonly user: string
  readonly device: number
  readonly server: string
}

const JID = /^([^\s@/:]{1,64})(?::(\d{1,5}))?@([a-z.]{1,32})(?:\/.*)?$/

/** Business hosting adds a prefix to the server; the user is the same one. */
const USER_SERVER: Readonly<Record<string, string>> = { 'hosted.lid': 'lid', hosted: 's.whatsapp.net' }

function partsOf(jid: Jid): JidParts | undefined {
  const match = JID.exec(jid)
  return match ? { user: match[1]!, device: Number(match[2] ?? 0), server: match[3]! } : undefined
}

export function isJid(text: string): boolean {
  return JID.test(text)
}

/** The user without a device: `123@lid` for `123:7@lid`. */
export function bareJid(jid: Jid): Jid {
  const parts = partsOf(jid)
  return parts ? `${parts.user}@${USER_SERVER[parts.server] ?? parts.server}` : jid
}

/** The device as key derivation writes it: `123:0@lid` for `123@lid`, without resource. */
export function participantId(jid: Jid): Jid {
  const parts = partsOf(jid)
  return parts ? `${parts.user}:${parts.device}@${parts.server}` : jid
}

/** The device of `user` that has the same number as `device`: one device under the user's other address. */
export function deviceOfUser(user: Jid, device: Jid): Jid {
  const own = partsOf(user)
  const number = partsOf(device)?.device
  if (!own || number === undefined) return device
  return number === 0 ? `${own.user}@${own.server}` : `${own.user}:${number}@${own.server}`
}

export function sameUser(a: Jid, b: Jid): boolean {
  return bareJid(a) === bareJid(b)
}

export function sameDevice(a: Jid, b: Jid): boolean {
  return participantId(a) === participantId(b)
}
