import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/base/errors.ts'
import { RELAY_DTLS_FINGERPRINT } from '../../src/relay/munged-answer.ts'
import { rawConnector } from '../../src/relay/raw-transport.ts'
import type { RelayTransport } from '../../src/relay/relay-transport.ts'
import { candidate } from '../relay/candidate.ts'
import { ADDRESS, BareRelay, network } from './bare-relay.ts'
import { relayTransportContract } from './relay-transport.ts'

const startRelay = () => BareRelay.start({ negotiated: true })

const dial = (relay: BareRelay, dtlsFingerprint: string | undefined): RelayTransport =>
  rawConnector({ network, localAddress: ADDRESS, dtlsFingerprint })(candidate(), relay.endpoint)

const firstEvent = (transport: RelayTransport) => new Promise((resolve) => transport.events.on(resolve))

relayTransportContract('raw', startRelay, {
  dial: (relay) => dial(relay, relay.fingerprint),
  dialWithWrongSecret: (relay) => dial(relay, RELAY_DTLS_FINGERPRINT),
})

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

  it('throws for what cannot be dialled', () => {
    const connect = rawConnector({ network, localAddress: ADDRESS, dtlsFingerprint: undefined })
    expect(() => connect(candidate({ key: '' }), { address: ADDRESS, port: 9 })).toThrow(ProtocolError)
    expect(() => connect(candidate(), { address: ADDRESS, port: 0 })).toThrow(ProtocolError)
  })
})
