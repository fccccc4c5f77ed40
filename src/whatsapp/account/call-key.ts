import { encodeSignedDeviceIdentity, proto, unpadRandomMax16 } from 'baileys'
import { ProtocolError } from '../../base/errors.ts'
import { formatJid, isLid, parseJid } from '../jid.ts'
import type { CallKeyForDevices, EncryptedKey, Jid } from '../wa-client.ts'
import { asProtocolError, messageOf, statusCodeOf } from './library-errors.ts'
import type { Socket } from './socket.ts'
import { lidOfDevice } from './user-sync.ts'

const CALL_KEY_BYTES = 32
/** A pre-key message around a call key has about 250 bytes. */
const MAX_CIPHERTEXT_BYTES = 4096

/**
 * Encrypts a call key for each device. The library drops a device it has no session with and only logs it; those are
 * named in `unreachable`. Rejects with `whatsapp.no-session` when no device is left, or `whatsapp.offline`.
 */
export async function encryptCallKey(
  socket: Socket,
  devices: readonly Jid[],
  callKey: Uint8Array,
): Promise<CallKeyForDevices> {
  if (callKey.length !== CALL_KEY_BYTES) throw new RangeError(`a call key has ${CALL_KEY_BYTES} bytes`)
  const byAddress = new Map(devices.map((jid) => [sessionJid(jid), jid]))
  const addresses = [...byAddress.keys()]
  await ensureSessions(socket, addresses)
  const { nodes, shouldIncludeDeviceIdentity } = await encryptFor(socket, addresses, callKey)
  const keys = nodes.flatMap((node) => encryptedKey(node, byAddress))
  const reached = new Set(keys.map((key) => key.jid))
  const account = socket.authState.creds.account
  return {
    keys,
    deviceIdentity: shouldIncludeDeviceIdentity && account ? encodeSignedDeviceIdentity(account, true) : undefined,
    unreachable: devices.filter((jid) => !reached.has(jid)),
  }
}

/** The 32-byte call key out of an `<enc>`. Every failure is `whatsapp.decrypt`, and says nothing of the content. */
export async function decryptCallKey(
  socket: Socket,
  from: Jid,
  type: string,
  ciphertext: Uint8Array,
): Promise<Uint8Array> {
  try {
    if (type !== 'pkmsg' && type !== 'msg') throw new Error('the type is neither pkmsg nor msg')
    if (ciphertext.length > MAX_CIPHERTEXT_BYTES) throw new Error(`more than ${MAX_CIPHERTEXT_BYTES} bytes`)
    const jid = sessionJid(isLid(from) ? from : ((await lidOfDevice(socket, from)) ?? from))
    const padded = await socket.signalRepository.decryptMessage({ jid, type, ciphertext: Buffer.from(ciphertext) })
    const { call } = proto.Message.decode(unpadRandomMax16(padded))
    if (call?.callKey?.length !== CALL_KEY_BYTES) throw new Error(`no call key of ${CALL_KEY_BYTES} bytes in it`)
    return new Uint8Array(call.callKey)
  } catch (error) {
    throw new ProtocolError('whatsapp.decrypt', `the call key could not be decrypted: ${messageOf(error)}`)
  }
}

/**
 * One form per device, device 0 left out. The library locks a session by the text of the JID: under two texts for one
 * device, two operations would run at once on one ratchet, and the second write would be lost.
 */
function sessionJid(jid: Jid): Jid {
  return formatJid(parseJid(jid))
}

/** One refused device fails the library's whole request, so that after a failure each is asked for alone. */
async function ensureSessions(socket: Socket, addresses: readonly Jid[]): Promise<void> {
  try {
    await socket.assertSessions([...addresses], false)
  } catch (error) {
    const failure = asProtocolError(error, 'whatsapp.no-session', 'sessions could not be made')
    if (failure.code === 'whatsapp.offline') throw failure
    await Promise.allSettled(addresses.map((jid) => socket.assertSessions([jid], false)))
  }
}

async function encryptFor(socket: Socket, addresses: readonly Jid[], callKey: Uint8Array) {
  try {
    return await socket.createParticipantNodes([...addresses], { call: { callKey } }, { count: '0' })
  } catch (error) {
    if (statusCodeOf(error) !== 500) throw asProtocolError(error, 'whatsapp.encrypt', 'the call key was not encrypted')
    throw new ProtocolError('whatsapp.no-session', 'no device of the called user has a Signal session')
  }
}

type ParticipantNode = Awaited<ReturnType<Socket['createParticipantNodes']>>['nodes'][number]

function encryptedKey(node: ParticipantNode, byAddress: ReadonlyMap<string, Jid>): EncryptedKey[] {
  const jid = byAddress.get(node.attrs.jid ?? '')
  const enc = Array.isArray(node.content) ? node.content[0] : undefined
  const type = enc?.attrs.type
  if (jid === undefined || !(enc?.content instanceof Uint8Array) || (type !== 'pkmsg' && type !== 'msg')) return []
  return [{ jid, type, ciphertext: new Uint8Array(enc.content) }]
}
