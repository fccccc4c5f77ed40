import { ProtocolError } from '../base/errors.ts'
import { isIpv4, isIpv6 } from '../net/ip-address.ts'
import type { Endpoint } from '../net/network.ts'
import type { IceCredentials } from './ice-credentials.ts'

/** The certificate that WhatsApp's relays show, as SDP writes it (docs/protocol/relay.md). */
export const RELAY_DTLS_FINGERPRINT =
  'F9:CA:0C:98:A3:CC:71:D6:42:CE:5A:E2:53:D2:15:20:D3:1B:BA:D8:57:A4:F0:AF:BE:0B:FB:F3:6B:0C:A0:68'

/** One message never exceeds a datagram. */
export const MAX_MESSAGE_BYTES = 1500

const FINGERPRINT = /^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/
const OFFERED_BY_US =
  /^a=(setup|ice-ufrag|ice-pwd|ice-options|fingerprint|max-message-size|candidate|end-of-candidates)\b/

/**
 * The answer that a relay would give to our offer. Relays do not speak SDP: the offer itself is turned round, with the
 * relay's address, credentials and certificate. Throws `ProtocolError` when a value must not get into an SDP.
 */
export function mungedAnswer(
  offerSdp: string,
  relay: Endpoint,
  credentials: IceCredentials,
  dtlsFingerprint: string,
): string {
  if (!isIpv4(relay.address) && !isIpv6(relay.address)) {
    throw new ProtocolError('relay.address', 'the address of a relay is no literal')
  }
  if (!(relay.port > 0 && relay.port < 0x1_0000)) throw new ProtocolError('relay.address', `relay port ${relay.port}`)
  if (!FINGERPRINT.test(dtlsFingerprint)) {
    throw new ProtocolError('relay.fingerprint', 'a DTLS fingerprint is 32 upper-case hex pairs with colons')
  }
  const kept = offerSdp.split(/\r?\n/).filter((line) => line !== '' && !OFFERED_BY_US.test(line))
  const answered = [
    'a=setup:passive',
    `a=ice-ufrag:${credentials.ufrag}`,
    `a=ice-pwd:${credentials.password}`,
    `a=fingerprint:sha-256 ${dtlsFingerprint}`,
    `a=max-message-size:${MAX_MESSAGE_BYTES}`,
    `a=candidate:2 1 udp 2122262783 ${relay.address} ${relay.port} typ host generation 0 network-cost 5`,
    'a=end-of-candidates',
  ]
  return `${[...kept, ...answered].join('\r\n')}\r\n`
}
