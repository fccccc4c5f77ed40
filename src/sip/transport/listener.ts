import type { SipLimits, SipTlsOptions, SipUserAgentOptions } from '../sip-engine.ts'
import { StreamTransport, type StreamTransportOptions } from './stream-transport.ts'
import type { OnMessage, SipTransport } from './transport.ts'
import { UdpTransport } from './udp-transport.ts'

/** RFC 5626 §4.4.1 allows up to two minutes for TCP; some NATs forget sooner. */
const DEFAULT_KEEPALIVE_MS = 90_000
const DEFAULT_TLS: SipTlsOptions = { clientCertificates: 'none', verifyServers: true }

/** What serves one entry of `listeners`; not open yet. */
export function newTransport(
  { transport, address, port }: SipUserAgentOptions['listeners'][number],
  {
    tls = DEFAULT_TLS,
    keepaliveMs = DEFAULT_KEEPALIVE_MS,
    maxMessageBytes,
    maxConnections,
  }: Pick<SipUserAgentOptions, 'tls' | 'keepaliveMs'> & Pick<SipLimits, 'maxMessageBytes' | 'maxConnections'>,
  { network, clock, logger }: Pick<StreamTransportOptions, 'network' | 'clock' | 'logger'>,
  onMessage: OnMessage,
): SipTransport {
  if (transport === 'udp') return new UdpTransport(network, { address, port }, onMessage)
  const secured = transport === 'tls' ? tls : undefined
  const common = { network, clock, logger, maxMessageBytes, maxConnections, keepaliveMs, onMessage }
  return new StreamTransport({ ...common, address: { address, port }, tls: secured })
}
