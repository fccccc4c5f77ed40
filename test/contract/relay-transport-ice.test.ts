import { afterAll, describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/base/errors.ts'
import { endIceThreads, iceConnector } from '../../src/relay/ice-transport.ts'
import { RELAY_DTLS_FINGERPRINT } from '../../src/relay/munged-answer.ts'
import type { RelayTransport } from '../../src/relay/relay-transport.ts'
import { buildStun, hasIntegrity, parseStun, STUN_ATTRIBUTE, STUN_TYPE, xorAddress } from '../../src/relay/stun.ts'
import { candidate } from '../relay/candidate.ts'
import { ADDRESS, ADDRESS_6, ADDRESS_6_IN_FULL, BareRelay } from './bare-relay.ts'
import { relayTransportContract } from './relay-transport.ts'

const KEY = new TextEncoder().encode(candidate().key)
const WRONG_KEY = 'AAAAAAAAAAAAAAAAAAAAAA=='

/** Answers ICE checks that the right key signed. */
async function startRelay(address?: string): Promise<BareRelay> {
  const relay = await BareRelay.start({ negotiated: false, address })
  relay.admits = (datagram, from) => {
    const { transactionId, ...request } = parseStun(datagram)
    if (!hasIntegrity({ transactionId, ...request }, KEY)) return undefined
    const mapped = { type: STUN_ATTRIBUTE.xorMappedAddress, value: xorAddress(from, transactionId) }
    return buildStun(STUN_TYPE.bindingSuccess, transactionId, [mapped], { integrityKey: KEY, fingerprint: true })
  }
  return relay
}

const dial = (
  relay: BareRelay,
  key = candidate().key,
  dtlsFingerprint: string | undefined = relay.fingerprint,
  localAddress = ADDRESS,
) => iceConnector({ localAddress, dtlsFingerprint })(candidate({ key }), relay.endpoint)

const firstEvent = (transport: RelayTransport) => new Promise((resolve) => transport.events.on(resolve))

for (const address of [ADDRESS, ADDRESS_6, ADDRESS_6_IN_FULL]) {
  relayTransportContract(`ICE to ${address}`, () => startRelay(address), {
    dial: (relay) => dial(relay, undefined, undefined, address),
    dialWithWrongSecret: (relay) => dial(relay, WRONG_KEY, undefined, address),
  })
}

describe('the ICE transport', () => {
  afterAll(endIceThreads)

  it('has a user fragment of its own', async () => {
    const relay = await startRelay()
    const transport = dial(relay)
    expect(transport.localUfrag).toMatch(/^\S{4,}$/)
    await transport.close()
    await relay.close()
  })

  it('is lost at once when the relay shows another certificate', async () => {
    const relay = await startRelay()
    const transport = dial(relay, undefined, RELAY_DTLS_FINGERPRINT)
    expect(await firstEvent(transport)).toMatchObject({ type: 'lost' })
    await transport.close()
    await relay.close()
  })

  it('takes any certificate when none is named', async () => {
    const relay = await startRelay()
    const transport = iceConnector({ localAddress: ADDRESS, dtlsFingerprint: undefined })(candidate(), relay.endpoint)
    expect(await firstEvent(transport)).toEqual({ type: 'open' })
    await transport.close()
    await relay.close()
  })

  it('throws for values that must not reach an ICE stack, and holds nothing then', () => {
    const connect = iceConnector({ localAddress: ADDRESS, dtlsFingerprint: undefined })
    expect(() => connect(candidate({ key: 'a\r\nb' }), { address: ADDRESS, port: 9 })).toThrow(ProtocolError)
    expect(() => connect(candidate(), { address: 'localhost', port: 9 })).toThrow(ProtocolError)
    expect(() =>
      iceConnector({ localAddress: ADDRESS, dtlsFingerprint: 'x' })(candidate(), { address: ADDRESS, port: 9 }),
    ).toThrow(ProtocolError)
  })
})
