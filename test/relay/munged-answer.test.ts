import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/base/errors.ts'
import { iceCredentials } from '../../src/relay/ice-credentials.ts'
import { mungedAnswer, RELAY_DTLS_FINGERPRINT } from '../../src/relay/munged-answer.ts'
import { candidate } from './candidate.ts'

const offer = [
  'v=0',
  'o=rtc 1 0 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=ice-options:ice2,trickle',
  'a=fingerprint:sha-256 53:76',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
  'a=setup:actpass',
  'a=ice-ufrag:ZzB0',
  'a=ice-pwd:Unsi2Lja9z2VIJocEEeKl6',
  'a=candidate:1 1 UDP 2114977791 192.0.2.7 47728 typ host',
  'a=end-of-candidates',
  '',
].join('\r\n')

const endpoint = { address: '192.0.2.1', port: 3480 }
const credentials = { ufrag: 'AQID', password: 'AAECAwQFBgcICQoLDA0ODw==' }

describe('mungedAnswer', () => {
  it('is the offer with the relay in our place', () => {
    expect(mungedAnswer(offer, endpoint, credentials, RELAY_DTLS_FINGERPRINT).split('\r\n')).toEqual([
      'v=0',
      'o=rtc 1 0 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      'a=mid:0',
      'a=sctp-port:5000',
      'a=setup:passive',
      'a=ice-ufrag:AQID',
      'a=ice-pwd:AAECAwQFBgcICQoLDA0ODw==',
      `a=fingerprint:sha-256 ${RELAY_DTLS_FINGERPRINT}`,
      'a=max-message-size:1500',
      'a=candidate:2 1 udp 2122262783 192.0.2.1 3480 typ host generation 0 network-cost 5',
      'a=end-of-candidates',
      '',
    ])
  })

  it('takes an IPv6 relay', () => {
    const answer = mungedAnswer(offer, { address: '2001:db8::1', port: 3478 }, credentials, RELAY_DTLS_FINGERPRINT)
    expect(answer).toContain(' udp 2122262783 2001:db8::1 3478 typ host ')
  })

  it.each([
    ['a host name', { address: 'relay.example', port: 1 }, RELAY_DTLS_FINGERPRINT],
    ['an address that is none', { address: '1.2.3.4\r\na=x', port: 1 }, RELAY_DTLS_FINGERPRINT],
    ['an octet over 255', { address: '1.2.3.256', port: 1 }, RELAY_DTLS_FINGERPRINT],
    ['port 0', { address: '1.2.3.4', port: 0 }, RELAY_DTLS_FINGERPRINT],
    ['port 65536', { address: '1.2.3.4', port: 65536 }, RELAY_DTLS_FINGERPRINT],
    ['a port that is not a number', { address: '1.2.3.4', port: Number.NaN }, RELAY_DTLS_FINGERPRINT],
    ['a short fingerprint', endpoint, 'F9:CA'],
    ['a lower-case fingerprint', endpoint, RELAY_DTLS_FINGERPRINT.toLowerCase()],
  ])('refuses %s', (_, where, fingerprint) => {
    expect(() => mungedAnswer(offer, where, credentials, fingerprint)).toThrow(ProtocolError)
  })
})

describe('iceCredentials', () => {
  it('takes the auth token, else the token', () => {
    expect(iceCredentials(candidate())).toEqual({ ufrag: 'BwgJCgsM', password: 'AAECAwQFBgcICQoLDA0ODw==' })
    expect(iceCredentials(candidate({ authToken: new Uint8Array(0) })).ufrag).toBe('AQIDBAUG')
  })

  it.each([
    ['no token at all', { token: new Uint8Array(0), authToken: new Uint8Array(0) }],
    ['a token that libjuice would cut', { authToken: new Uint8Array(192) }],
    ['a short key', { key: 'short' }],
    ['a key with a line break', { key: 'AAECAwQFBgcICQoLDA0ODw==\r\na=x' }],
    ['a key of other characters', { key: 'AAECAwQFBgcICQoLDA0 ODw=' }],
    ['a long key', { key: 'A'.repeat(256) }],
  ])('refuses %s', (_, overrides) => {
    expect(() => iceCredentials(candidate(overrides))).toThrow(ProtocolError)
  })
})
