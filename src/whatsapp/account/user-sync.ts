import { USyncQuery, USyncUser } from 'baileys'
import { ProtocolError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { bareJid, formatJid, isLid, LID_SERVER, parseJid, phoneJid } from '../jid.ts'
import type { Jid } from '../wa-client.ts'
import type { Socket } from './socket.ts'
import type { AccountStore } from './store.ts'

/** A user has at most a phone and four or five linked devices; a list beyond this is not believed. */
const MAX_DEVICES = 32

/**
 * All devices of a user given by LID. Not the library's `getUSyncDevices`: that one also asks for the LID, and then
 * throws away the session with the user's phone and takes a fresh one-time key, on every call
 * (docs/decisions/0041-own-device-query.md). Hosted devices, which cannot be called, are left out.
 */
export async function devicesOfUser(socket: Socket, lid: Jid): Promise<readonly Jid[]> {
  const query = new USyncQuery().withContext('message').withDeviceProtocol().withUser(new USyncUser().withId(lid))
  const found = await ask(socket, query)
  const { user } = parseJid(lid)
  const devices: unknown = Reflect.get(found ?? {}, 'devices')
  const list: unknown = Reflect.get(Object(devices), 'deviceList')
  if (!Array.isArray(list)) return []
  return list
    .slice(0, MAX_DEVICES)
    .filter(isCallableDevice)
    .map(({ id }) => formatJid({ user, device: id, server: LID_SERVER }))
}

/**
 * Whether a number is on WhatsApp, and its LID, in one query. The pair is kept, so that the library and
 * `numberForLid` know it from then on. Undefined when the number is not on WhatsApp.
 */
export async function lidOfNumber(socket: Socket, digits: string): Promise<Jid | undefined> {
  const query = new USyncQuery().withContactProtocol().withLIDProtocol()
  const found = await ask(socket, query.withUser(new USyncUser().withPhone(`+${digits}`)))
  if (found?.contact !== true) return undefined
  const { lidMapping } = socket.signalRepository
  const lid = typeof found.lid === 'string' ? found.lid : await lidMapping.getLIDForPN(found.id)
  if (!lid) throw new ProtocolError('whatsapp.no-lid', 'WhatsApp knows the number but names no LID for it')
  await lidMapping.storeLIDPNMappings([{ lid: bareJid(lid), pn: bareJid(found.id) }])
  return bareJid(lid)
}

/** From what is known; asks nobody. */
export async function numberOfLid(store: AccountStore, lid: Jid): Promise<string | undefined> {
  const key = `${parseJid(lid).user}_reverse`
  const { [key]: number } = await store.keys.get('lid-mapping', [key])
  return number
}

/**
 * What a call said of its caller. The way from LID to number only: whom we dial by number, the server is asked, so that
 * nobody is called in another one's place. Of a number that the server gave both ways are kept: that one stays.
 */
export async function keepNumberOfLid(store: AccountStore, lid: Jid, digits: string, logger: Logger): Promise<void> {
  if (!isLid(lid)) return
  const known = await numberOfLid(store, lid)
  if (known === digits) return
  const { user } = parseJid(lid)
  if (known !== undefined) {
    const { [known]: owner } = await store.keys.get('lid-mapping', [known])
    logger.warn({ kept: owner === user }, 'a caller comes with another number than was known')
    if (owner === user) return
  }
  await store.keys.set({ 'lid-mapping': { [`${user}_reverse`]: digits } })
}

/** The LID device JID of a phone-number device JID, when the pair is known or WhatsApp tells it. */
export async function lidOfDevice(socket: Socket, pn: Jid): Promise<Jid | undefined> {
  const { user, device } = parseJid(pn)
  const lid = await socket.signalRepository.lidMapping.getLIDForPN(phoneJid(user))
  return lid ? formatJid({ ...parseJid(lid), device }) : undefined
}

async function ask(socket: Socket, query: USyncQuery) {
  const result = await socket.executeUSyncQuery(query)
  if (!result) throw new ProtocolError('whatsapp.timeout', 'WhatsApp did not answer a user query')
  return result.list[0]
}

/** The server names a key index for each linked device; one without is not yet, or no longer, linked. */
function isCallableDevice(entry: unknown): entry is { id: number } {
  const { id, keyIndex, isHosted } = Object(entry)
  return Number.isInteger(id) && id >= 0 && id <= 255 && !isHosted && (id === 0 || keyIndex > 0)
}
