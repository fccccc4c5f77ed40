import { afterAll, describe, expect, it } from 'vitest'
import { type RTCCertificate, RTCDtlsTransport } from 'werift'
import { ProtocolError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { Endpoint, UdpSocket } from '../../src/net/network.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { endIceThreads, iceConnector } from '../../src/relay/ice-transport.ts'
import { RELAY_DTLS_FINGERPRINT } from '../../src/relay/munged-answer.ts'
import type { RelayTransport } from '../../src/relay/relay-transport.ts'
import { buildStun, hasIntegrity, parseStun, STUN_ATTRIBUTE, STUN_TYPE, xorAddress } from '../../src/relay/stun.ts'
import { DataChannelSession } from '../../src/sim/relay/data-channel-session.ts'
import { candidate } from '../relay/candidate.ts'
import { type RelayUnderTest, relayTransportContract } from './relay-transport.ts'

const ADDRESS = '127.0.0.1'
const KEY = new TextEncoder().encode(candidate().key)
const WRONG_KEY = 'AAAAAAAAAAAAAAAAAAAAAA=='

/** Just enough of a relay: answers ICE checks that the right key signed, and gives each client a data channel. */
class BareRelay implements RelayUnderTest {
  readonly #certificate: RTCCertificate
  readonly #sessions = new Map<string, DataChannelSession>()
  #socket!: UdpSocket
  #latest: DataChannelSession | undefined
  #waiting: ((message: Uint8Array) => void)[] = []

  private constructor(certificate: RTCCertificate) {
    this.#certificate = certificate
  }

  static async start(): Promise<BareRelay> {
    const relay = new BareRelay(await RTCDtlsTransport.SetupCertificate())
    const onDatagram = (datagram: Uint8Array, from: Endpoint) => relay.#receive(datagram, from)
    relay.#socket = await new NodeNetwork(silentLogger).udp({ address: ADDRESS, port: 0, onDatagram })
    return relay
  }

  dial(key = candidate().key, dtlsFingerprint = this.#fingerprint()): RelayTransport {
    return iceConnector({ localAddress: ADDRESS, dtlsFingerprint })(candidate({ key }), this.#socket.local)
  }

  dialWithWrongSecret(): RelayTransport {
    return this.dial(WRONG_KEY)
  }

  nextMessage(): Promise<Uint8Array> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  say(message: Uint8Array): void {
    this.#latest!.send(message)
  }

  async hangUp(): Promise<void> {
    await this.#latest!.close()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()))
    await this.#socket.close()
  }

  #fingerprint(): string {
    return this.#certificate.getFingerprints()[0].value.toUpperCase()
  }

  #receive(datagram: Uint8Array, from: Endpoint): void {
    const client = `${from.port}`
    if (datagram[0] > 3) {
      this.#sessions.get(client)?.receive(datagram)
      return
    }
    const request = parseStun(datagram.slice())
    if (!hasIntegrity(request, KEY)) return
    if (!this.#sessions.has(client)) this.#sessions.set(client, this.#newSession(from))
    const mapped = { type: STUN_ATTRIBUTE.xorMappedAddress, value: xorAddress(from) }
    const trailer = { integrityKey: KEY, fingerprint: true }
    this.#socket.send(buildStun(STUN_TYPE.bindingSuccess, request.transactionId, [mapped], trailer), from)
  }

  #newSession(to: Endpoint): DataChannelSession {
    this.#latest = new DataChannelSession({
      certificate: this.#certificate,
      send: (datagram) => this.#socket.send(datagram, to),
      onMessage: (message) => this.#waiting.shift()?.(new Uint8Array(message)),
      onEnd: () => {},
    })
    return this.#latest
  }
}

relayTransportContract('ICE', () => BareRelay.start())

describe('the ICE transport', () => {
  afterAll(endIceThreads)

  it('is lost at once when the relay shows another certificate', async () => {
    const relay = await BareRelay.start()
    const transport = relay.dial(undefined, RELAY_DTLS_FINGERPRINT)
    const event = await new Promise((resolve) => transport.events.on(resolve))
    expect(event).toMatchObject({ type: 'lost' })
    await transport.close()
    await relay.close()
  })

  it('throws for values that must not reach an ICE stack, and holds nothing then', () => {
    const dial = iceConnector({ localAddress: ADDRESS })
    expect(() => dial(candidate({ key: 'a\r\nb' }), { address: ADDRESS, port: 9 })).toThrow(ProtocolError)
    expect(() => dial(candidate(), { address: '::1', port: 9 })).toThrow(ProtocolError)
    expect(() =>
      iceConnector({ localAddress: ADDRESS, dtlsFingerprint: 'x' })(candidate(), { address: ADDRESS, port: 9 }),
    ).toThrow(ProtocolError)
  })
})
