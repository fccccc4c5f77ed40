import { createHmac } from 'node:crypto'
import { Curve, proto, WA_ADV_ACCOUNT_SIG_PREFIX, WA_ADV_DEVICE_SIG_PREFIX } from 'baileys'
import type { User } from './directory.ts'

interface KeyPair {
  readonly public: Uint8Array
  readonly private: Uint8Array
}

/** The account's statement that a companion belongs to it: `ADVSignedDeviceIdentity` without the companion's signature. */
export function signDevice(user: User, keyIndex: number, companionIdentity: Uint8Array, timestampS: number) {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: Number(BigInt(user.lid) % 0xffff_ffffn),
    timestamp: timestampS,
    keyIndex,
    accountType: proto.ADVEncryptionType.E2EE,
    deviceType: proto.ADVEncryptionType.E2EE,
  }).finish()
  const signed = Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, details, companionIdentity])
  return {
    details,
    accountSignatureKey: user.identity.public,
    accountSignature: Curve.sign(user.identity.private, signed),
  }
}

/** The same with the companion's own signature: the bytes of `<device-identity>`. */
export function countersign(identity: ReturnType<typeof signDevice>, companion: KeyPair): Uint8Array {
  const deviceSignature = Curve.sign(companion.private, deviceMessage(identity.details, identity, companion.public))
  return proto.ADVSignedDeviceIdentity.encode({ ...identity, deviceSignature }).finish()
}

/** The content of `<device-identity>` in pair-success, sealed with the secret of the QR code. */
export function sealForPairing(identity: ReturnType<typeof signDevice>, advSecret: Uint8Array): Uint8Array {
  const details = proto.ADVSignedDeviceIdentity.encode(identity).finish()
  const hmac = createHmac('sha256', advSecret).update(details).digest()
  return proto.ADVSignedDeviceIdentityHMAC.encode({ details, hmac }).finish()
}

/**
 * Why the bytes of a `<device-identity>` do not prove that the companion with this identity key belongs to the account,
 * or undefined when they do.
 */
export function deviceIdentityFault(bytes: Uint8Array, user: User, companionIdentity: Uint8Array): string | undefined {
  const identity = decodeIdentity(bytes)
  if (!identity?.details || !identity.accountSignature || !identity.deviceSignature) return 'not readable or incomplete'
  const accountKey = identity.accountSignatureKey?.length ? identity.accountSignatureKey : user.identity.public
  if (!Buffer.from(accountKey).equals(user.identity.public)) return 'signed by another account'
  const accountMessage = Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, identity.details, companionIdentity])
  if (!Curve.verify(accountKey, accountMessage, identity.accountSignature)) return 'account signature is wrong'
  const message = deviceMessage(identity.details, { accountSignatureKey: accountKey }, companionIdentity)
  return Curve.verify(companionIdentity, message, identity.deviceSignature) ? undefined : 'device signature is wrong'
}

function decodeIdentity(bytes: Uint8Array): proto.ADVSignedDeviceIdentity | undefined {
  try {
    return proto.ADVSignedDeviceIdentity.decode(bytes)
  } catch {
    return undefined
  }
}

function deviceMessage(
  details: Uint8Array,
  account: { accountSignatureKey: Uint8Array },
  companionIdentity: Uint8Array,
) {
  return Buffer.concat([WA_ADV_DEVICE_SIG_PREFIX, details, companionIdentity, account.accountSignatureKey])
}
