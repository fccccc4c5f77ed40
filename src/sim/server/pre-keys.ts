import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { Device, DeviceKeys, Directory, PublicPreKey, SignedPublicPreKey } from './directory.ts'
import { childOf, childrenOf, contentBytes, element } from './node.ts'

const keyType = Uint8Array.of(5)
const maxUpload = 2000

/** Reads `registration`, `identity`, `list` and `skey` of a pre-key upload; undefined when a part is missing or has a wrong size. */
export function readUpload(iq: WaNode): DeviceKeys | undefined {
  const registration = contentBytes(childOf(iq, 'registration'))
  const identityKey = contentBytes(childOf(iq, 'identity'))
  const signedPreKey = readSignedKey(childOf(iq, 'skey'))
  const oneTimeKeys = childrenOf(childOf(iq, 'list')).map(readKey)
  if (registration?.length !== 4 || identityKey?.length !== 32 || !signedPreKey) return undefined
  if (oneTimeKeys.length > maxUpload || !oneTimeKeys.every((key) => key !== undefined)) return undefined
  return { registrationId: unsigned(registration), identityKey, signedPreKey, oneTimeKeys }
}

/** A later upload adds one-time keys; identity and signed key are replaced. */
export function mergeUpload(device: Device, upload: DeviceKeys): void {
  device.keys = { ...upload, oneTimeKeys: [...(device.keys?.oneTimeKeys ?? []), ...upload.oneTimeKeys] }
}

export function readSignedKey(node: WaNode | undefined): SignedPublicPreKey | undefined {
  const key = readKey(node)
  const signature = contentBytes(childOf(node, 'signature'))
  return key && signature?.length === 64 ? { ...key, signature } : undefined
}

function readKey(node: WaNode | undefined): PublicPreKey | undefined {
  const id = contentBytes(childOf(node, 'id'))
  const publicKey = contentBytes(childOf(node, 'value'))
  return id?.length === 3 && publicKey?.length === 32 ? { keyId: unsigned(id), publicKey } : undefined
}

/** Takes a device's keys to open a session with: the next one-time key is used up. */
export function takeBundle(device: Device) {
  const keys = device.keys
  return keys ? { ...keys, oneTimeKey: keys.oneTimeKeys.shift() } : undefined
}

/** The answer to `<key><user jid/>…</key>`. Unknown devices get an error child, as for each user its own. */
export function bundlesFor(directory: Directory, request: WaNode): WaNode {
  const users = childrenOf(childOf(request, 'key')).map(({ attrs: { jid } }) => {
    const device = directory.deviceByJid(jid)
    const bundle = device && takeBundle(device)
    if (!bundle) return element('user', { jid }, [element('error', { code: '404', text: 'item-not-found' })])
    return element('user', { jid }, [
      element('registration', {}, bigEndian(bundle.registrationId, 4)),
      element('type', {}, keyType),
      element('identity', {}, bundle.identityKey),
      keyNode('skey', bundle.signedPreKey, bundle.signedPreKey.signature),
      ...(bundle.oneTimeKey ? [keyNode('key', bundle.oneTimeKey)] : []),
    ])
  })
  return element('list', {}, users)
}

/** What the server holds of a device's own bundle, for the client to compare with its own. */
export function digestOf(keys: DeviceKeys): WaNode {
  return element('digest', {}, [
    element('registration', {}, bigEndian(keys.registrationId, 4)),
    element('type', {}, keyType),
    element('identity', {}, keys.identityKey),
    keyNode('skey', keys.signedPreKey, keys.signedPreKey.signature),
    element(
      'list',
      {},
      keys.oneTimeKeys.map((key) => element('id', {}, bigEndian(key.keyId, 3))),
    ),
  ])
}

function keyNode(tag: string, key: PublicPreKey, signature?: Uint8Array): WaNode {
  const children = [element('id', {}, bigEndian(key.keyId, 3)), element('value', {}, key.publicKey)]
  return element(tag, {}, signature ? [...children, element('signature', {}, signature)] : children)
}

const unsigned = (bytes: Uint8Array) => Buffer.from(bytes).readUIntBE(0, bytes.length)

function bigEndian(value: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}
