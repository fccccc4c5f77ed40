import { describe, expect, it } from 'vitest'
import { chooseRelays, dialledEndpoints, relayCandidates } from '../../src/relay/candidates.ts'
import { candidate } from './candidate.ts'

const at = (relayName: string, address: string, c2rRttMs: number | undefined, isFna = false) =>
  candidate({ relayName, endpoint: { address, port: 3478 }, c2rRttMs, isFna })

const names = (candidates: readonly { relayName: string }[]) => candidates.map(({ relayName }) => relayName)

describe('chooseRelays', () => {
  it('takes UDP over IPv4 only, nearest first, unknown distance last', () => {
    const offered = [
      at('far', '192.0.2.1', 90),
      at('unknown', '192.0.2.2', undefined),
      at('near', '192.0.2.3', 5),
      at('six', '2001:db8::1', 1),
      { ...at('tcp', '192.0.2.4', 1), protocol: 1 },
    ]
    expect(names(chooseRelays(offered, 4, 'ipv4'))).toEqual(['near', 'far', 'unknown'])
  })

  it('takes a relay once when it is offered at several ports', () => {
    const offered = [3478, 3480].map((port) => candidate({ endpoint: { address: '192.0.2.1', port } }))
    expect(chooseRelays(offered, 4, 'ipv4').length).toBe(1)
  })

  it('keeps a place for the nearest FNA relay', () => {
    const offered = [
      at('a', '192.0.2.1', 1),
      at('b', '192.0.2.2', 2),
      at('far-fna', '192.0.2.3', 99, true),
      at('fna', '192.0.2.4', 50, true),
    ]
    expect(names(chooseRelays(offered, 2, 'ipv4'))).toEqual(['a', 'fna'])
    expect(names(chooseRelays(offered, 4, 'ipv4'))).toEqual(['a', 'b', 'fna', 'far-fna'])
  })

  it('takes IPv6 when asked to; beside IPv4 only for relays without an IPv4 address', () => {
    const offered = [at('a', '192.0.2.1', 1), at('a', '2001:db8::1', 1), at('b', '2001:db8::2', 2), at('c', 'x::y', 3)]
    const addresses = (family: 'ipv4' | 'ipv6' | 'both') =>
      chooseRelays(offered, 4, family).map(({ endpoint }) => endpoint.address)
    expect(addresses('ipv4')).toEqual(['192.0.2.1'])
    expect(addresses('ipv6')).toEqual(['2001:db8::1', '2001:db8::2'])
    expect(addresses('both')).toEqual(['192.0.2.1', '2001:db8::2'])
  })

  it('copes with nothing', () => {
    expect(chooseRelays([], 4, 'both')).toEqual([])
  })
})

describe('dialledEndpoints', () => {
  it.each([
    ['advertised', 3478, [3478]],
    ['3480', 3478, [3480]],
    ['both', 3478, [3480, 3478]],
    ['both', 3480, [3480]],
    ['3480', 3480, [3480]],
  ] as const)('for policy %s and advertised port %i: %j', (policy, port, ports) => {
    const endpoints = dialledEndpoints(candidate({ endpoint: { address: '192.0.2.1', port } }), policy)
    expect(endpoints).toEqual(ports.map((dialled) => ({ address: '192.0.2.1', port: dialled })))
  })
})

describe('relayCandidates', () => {
  it('joins endpoints with their tokens and leaves out those without', () => {
    const { token, authToken, key, ...endpoint } = candidate()
    const offer = {
      key,
      tokens: new Map([['0', token]]),
      authTokens: new Map([['1', authToken]]),
      endpoints: [
        { ...endpoint, tokenId: '0', authTokenId: '1' },
        { ...endpoint, tokenId: '0', authTokenId: '5' },
        { ...endpoint, tokenId: '7', authTokenId: '1' },
      ],
    }
    expect(relayCandidates(offer)).toEqual([candidate(), candidate({ authToken: new Uint8Array(0) })])
  })
})
