import { ParseError } from '../base/errors.ts'
import type { Jid } from './wa-client.ts'

/** The parts of a user's JID, `USER[_AGENT][:DEVICE]@SERVER[/RESOURCE]`; agent and resource are dropped. */
export interface JidParts {
  readonly user: string
  /** 0 is the phone itself; a JID without a device part means 0 too. */
  readonly device: number
  readonly server: string
}

export const LID_SERVER = 'lid'
const PHONE_SERVER = 's.whatsapp.net'

const MAX_JID_CHARS = 128
/** Device numbers are one byte in the binary encoding. */
const MAX_DEVICE = 255
const JID = /^([0-9A-Za-z.-]{1,64})(?:_\d{1,3})?(?::(\d{1,3}))?@([a-z.]{1,32})(?:\/[\x21-\x7e]{0,64})?$/

/** Business hosting has servers of its own for some devices of a user. */
const USER_SERVER: Readonly<Record<string, string>> = { 'hosted.lid': LID_SERVER, hosted: PHONE_SERVER }

/** Throws `ParseError('jid.malformed')`. `c.us`, the old name of `s.whatsapp.net`, is read as that. */
export function parseJid(text: string): JidParts {
  const parts = partsOf(text)
  if (!parts) throw new ParseError('jid.malformed', 'not a JID of the form user[:device]@server')
  return parts
}

export function isJid(text: string): boolean {
  return partsOf(text) !== undefined
}

/** The shortest form: device 0 is left out, as WhatsApp writes it. */
export function formatJid({ user, device, server }: JidParts): Jid {
  return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`
}

/** The user's JID, without the device: `123@lid` for `123:7@lid` and for `123:99@hosted.lid`. Throws as `parseJid`. */
export function bareJid(jid: Jid): Jid {
  const { user, server } = parseJid(jid)
  return formatJid({ user, device: 0, server: USER_SERVER[server] ?? server })
}

/** The JID of a phone number given as E.164 digits. */
export function phoneJid(digits: string): Jid {
  return `${digits}@${PHONE_SERVER}`
}

export function isLid(jid: Jid): boolean {
  return parseJid(jid).server === LID_SERVER
}

/** Whether it names a user by phone number. Throws as `parseJid`. */
export function isPhone(jid: Jid): boolean {
  return parseJid(jid).server === PHONE_SERVER
}

/** The device of `user` that has the same number as `device`: one device under the user's other address. Throws as `parseJid`. */
export function deviceOfUser(user: Jid, device: Jid): Jid {
  return formatJid({ ...parseJid(user), device: parseJid(device).device })
}

/** Throws as `parseJid`. */
export function sameUser(a: Jid, b: Jid): boolean {
  return bareJid(a) === bareJid(b)
}

/** `123@lid` and `123:0@lid` are one device. Throws as `parseJid`. */
export function sameDevice(a: Jid, b: Jid): boolean {
  return formatJid(parseJid(a)) === formatJid(parseJid(b))
}

function partsOf(text: string): JidParts | undefined {
  const match = text.length <= MAX_JID_CHARS ? JID.exec(text) : null
  const device = Number(match?.[2] ?? 0)
  if (!match || device > MAX_DEVICE) return undefined
  const server = match[3] === 'c.us' ? PHONE_SERVER : match[3]!
  return { user: match[1]!, device, server }
}
