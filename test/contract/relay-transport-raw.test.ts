import { describe, expect, it } from 'vitest'
import { DtlsServer, RTCDtlsTransport } from 'werift'
import { ProtocolError } from '../../src/base/errors.ts'
import { seededRandom } from '../../src/base/random.ts'
import { RELAY_DTLS_FINGERPRINT } from '../../src/relay/munged-answer.ts'
import { rawConnector } from '../../src/relay/raw-transport.ts'
import type { RelayTransport } from '../../src/relay/relay-transport.ts'
import { candidate } from '../relay/candidate.ts'
import { ADDRESS, ADDRESS_6, ADDRESS_6_IN_FULL, BareRelay, network } from './bare-relay.ts'
import { relayTransportContract } from './relay-transport.ts'

/** The checksum of SCTP (RFC 9260, appendix A). */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0)
  }
  return ~crc >>> 0
}

const startRelay = (address?: string) => BareRelay.start({ negotiated: true, address })

const dial = (relay: BareRelay, dtlsFingerprint: string | undefined, localAddress = ADDRESS): RelayTransport =>
  rawConnector({ network, localAddress, dtlsFingerprint })(candidate(), relay.endpoint)

const firstEvent = (transport: RelayTransport) => new Promise((resolve) => transport.events.on(resolve))

for (const address of [ADDRESS, ADDRESS_6, ADDRESS_6_IN_FULL]) {
  relayTransportContract(`raw to ${address}`, () => startRelay(address), {
    dial: (relay) => dial(relay, relay.fingerprint, address),
    dialWithWrongSecret: (relay) => dial(relay, RELAY_DTLS_FINGERPRINT, address),
  })
}

describe('the raw transport', () => {
  it('has no user fragment, which makes its registration that of raw mode', async () => {
    const relay = await startRelay()
    const transport = dial(relay, undefined)
    expect(transport.localUfrag).toBeUndefined()
    await transport.close()
    await relay.close()
  })

  it('is lost when the relay shows another certificate, and takes any when none is named', async () => {
    const relay = await startRelay()
    const strict = dial(relay, RELAY_DTLS_FINGERPRINT)
    expect(await firstEvent(strict)).toEqual({ type: 'lost', reason: 'the relay shows another certificate' })
    const easy = dial(relay, undefined)
    expect(await firstEvent(easy)).toEqual({ type: 'open' })
    await Promise.all([strict.close(), easy.close()])
    await relay.close()
  })

  it('lives on when the relay sends garbage on its socket', async () => {
    const relay = await startRelay()
    const transport = dial(relay, relay.fingerprint)
    await firstEvent(transport)
    for (const bytes of [[], [0], [22, 254, 253, 0], [22], [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 3, 1, 2, 3]]) {
      relay.throwAt(Uint8Array.from(bytes))
    }
    const heard = new Promise<number>((resolve) => transport.onMessage((message) => resolve(message[3])))
    relay.say(Uint8Array.of(0x90, 120, 0, 8))
    expect(await heard).toBe(8)
    expect(transport.state).toBe('open')
    await transport.close()
    await relay.close()
  })

  it('lives on, or ends with an event, when the relay sends garbage inside DTLS', async () => {
    const certificate = await RTCDtlsTransport.SetupCertificate()
    const random = seededRandom(11)
    let deliver: (datagram: Buffer) => void = () => {}
    const socket = await network.udp({
      address: ADDRESS,
      port: 0,
      onDatagram: (datagram, from) => {
        client = from
        deliver(Buffer.from(datagram))
      },
    })
    let client = socket.local
    const transport = {
      type: 'udp',
      address: { address: '', port: 0, family: 'IPv4' },
      closed: false,
      onData: (_: Buffer) => {},
      send: async (datagram: Buffer) => socket.send(datagram, client),
      close: async () => {},
    }
    const { certPem: cert, privateKey: key, signatureHash } = certificate
    const server = new DtlsServer({ transport, cert, key, signatureHash, extendedMasterSecret: true })
    deliver = (datagram) => transport.onData(datagram)
    const connected = new Promise<void>((resolve) => server.onConnect.subscribe(() => resolve()))
    const firstInit = new Promise<Buffer>((resolve) => server.onData.subscribe((data) => resolve(data)))
    const dialled = rawConnector({ network, localAddress: ADDRESS, dtlsFingerprint: undefined })(
      candidate(),
      socket.local,
    )
    await connected
    const init = await firstInit
    const unsigned = Buffer.from(init)
    unsigned.writeUInt32LE(0, 8)
    expect(crc32c(unsigned)).toBe(init.readUInt32LE(8))
    for (let i = 0; i < 300; i++) await server.send(Buffer.from(random.bytes(random.below(60))))
    // Changed copies of a sound packet, with a sound checksum: the parser sees them.
    for (let i = 0; i < 300; i++) {
      const packet = Buffer.from(init)
      for (let change = 0; change < 4; change++) packet[12 + random.below(packet.length - 12)] = random.below(256)
      packet.writeUInt32LE(0, 8)
      packet.writeUInt32LE(crc32c(packet), 8)
      await server.send(packet)
    }
    expect(['connecting', 'closed']).toContain(dialled.state)
    await dialled.close()
    await socket.close()
  })

  it('throws for what cannot be dialled', () => {
    const connect = rawConnector({ network, localAddress: ADDRESS, dtlsFingerprint: undefined })
    expect(() => connect(candidate({ key: '' }), { address: ADDRESS, port: 9 })).toThrow(ProtocolError)
    expect(() => connect(candidate(), { address: ADDRESS, port: 0 })).toThrow(ProtocolError)
  })
})
