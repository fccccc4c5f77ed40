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
    expect(names(chooseRelays(offered, 4))).toEqual(['near', 'far', 'unknown'])
  })

  it('takes a relay once when it is offered at several ports', () => {
    const offered = [3478, 3480].map((port) => candidate({ endpoint: { address: '192.0.2.1', port } }))
    expect(chooseRelays(offered, 4).length).toBe(1)
  })

  it('keeps a place for the nearest FNA relay', () => {
    const offered = [
      at('a', '192.0.2.1', 1),
      at('b', '192.0.2.2', 2),
      at('far-fna', '192.0.2.3', 99, true),
      at('fna', '192.0.2.4', 50, true),
    ]
    expect(names(chooseRelays(offered, 2))).toEqual(['a', 'fna'])
    expect(names(chooseRelays(offered, 4))).toEqual(['a', 'b', 'fna', 'far-fna'])
  })

  it('copes with nothing', () => {
    expect(chooseRelays([], 4)).toEqual([])
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
