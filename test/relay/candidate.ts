import type { RelayCandidate } from '../../src/relay/relay-transport.ts'

export function candidate(overrides: Partial<RelayCandidate> = {}): RelayCandidate {
  return {
    relayId: '0',
    relayName: 'gru1c01',
    endpoint: { address: '192.0.2.1', port: 3478 },
    protocol: 0,
    isFna: false,
    c2rRttMs: 10,
    token: Uint8Array.of(1, 2, 3, 4, 5, 6),
    authToken: Uint8Array.of(7, 8, 9, 10, 11, 12),
    key: 'AAECAwQFBgcICQoLDA0ODw==',
    ...overrides,
  }
}
