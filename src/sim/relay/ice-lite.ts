import { ParseError } from '../../base/errors.ts'
import type { Endpoint } from '../../net/network.ts'
import {
  attributeValue,
  buildStun,
  errorCodeValue,
  hasFingerprint,
  hasIntegrity,
  parseStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
  type StunMessage,
  xorAddress,
} from '../../relay/stun.ts'
import type { RelayPass } from './relay-party.ts'

interface AnsweredCheck {
  readonly answer: Uint8Array
  /** Of who may come in; undefined with an answer that says no. */
  readonly pass: RelayPass | undefined
}

/** ICE-lite (RFC 8445, section 2.5): checks are answered, never made. Undefined for what is no check. */
export function answerCheck(
  datagram: Uint8Array,
  from: Endpoint,
  passOfUfrag: (ufrag: string) => RelayPass | undefined,
): AnsweredCheck | undefined {
  const request = parsedOrUndefined(datagram)
  if (request?.type !== STUN_TYPE.bindingRequest || !hasFingerprint(request)) return undefined
  const { transactionId } = request
  const username = new TextDecoder().decode(attributeValue(request, STUN_ATTRIBUTE.username))
  const pass = passOfUfrag(username.split(':', 1)[0] ?? '')
  const integrityKey = new TextEncoder().encode(pass?.key)
  if (!pass || !hasIntegrity(request, integrityKey)) {
    const error = { type: STUN_ATTRIBUTE.errorCode, value: errorCodeValue(401, 'Unauthorized') }
    return { answer: buildStun(STUN_TYPE.bindingError, transactionId, [error], { fingerprint: true }), pass: undefined }
  }
  const mapped = { type: STUN_ATTRIBUTE.xorMappedAddress, value: xorAddress(from, transactionId) }
  const trailer = { integrityKey, fingerprint: true }
  return { answer: buildStun(STUN_TYPE.bindingSuccess, transactionId, [mapped], trailer), pass }
}

function parsedOrUndefined(datagram: Uint8Array): StunMessage | undefined {
  try {
    return parseStun(datagram)
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}
