import { describe, expect, test } from 'vitest'
import type { SdpCodec } from '../../../src/sip/sdp/audio-media.ts'
import { AudioNegotiation } from '../../../src/sip/sdp/offer-answer.ts'
import { parseSdp } from '../../../src/sip/sdp/sdp.ts'

/** RFC 3264: scenarios over several offers of one call; single answers are in `sdp.test.ts`. */

const CODECS: readonly SdpCodec[] = [
  { name: 'PCMA', clockRateHz: 8000, payloadType: 8 },
  { name: 'PCMU', clockRateHz: 8000, payloadType: 0 },
]

const side = (address: string, codecs = CODECS) =>
  new AudioNegotiation({
    local: { address, port: 4000 },
    codecs,
    telephoneEvents: [{ payloadType: 101, clockRateHz: 8000 }],
    sessionId: '1',
  })

const pair = () => ({ alice: side('10.0.0.1'), bob: side('10.0.0.2') })
const directionIn = (sdp: string) => /a=(sendrecv|sendonly|recvonly|inactive)/.exec(sdp)![1]
const versionIn = (sdp: string) => Number(parseSdp(sdp).origin.version)
const offerOf = (media: string) => `v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n${media}`

test('§10.1: the first exchange; both sides come to the same codec', () => {
  const { alice, bob } = pair()
  const { sdp, audio } = bob.answer(alice.offer())
  expect(alice.readAnswer(sdp).codecs[0].codec.name).toBe(audio.codecs[0].codec.name)
})

test.each([
  ['sendonly', 'recvonly'],
  ['inactive', 'inactive'],
  ['recvonly', 'sendonly'],
  ['sendrecv', 'sendrecv'],
] as const)('§6.1 and §8.4: %s is answered %s, and back again', (offered, answered) => {
  const { alice, bob } = pair()
  bob.answer(alice.offer())
  const held = bob.answer(alice.offer(offered))
  expect(directionIn(held.sdp)).toBe(answered)
  expect(alice.readAnswer(held.sdp).direction).toBe(offered)
  expect(directionIn(bob.answer(alice.offer()).sdp)).toBe('sendrecv')
})

test('§8: the version grows by one with each change, and stays without one', () => {
  const { alice } = pair()
  const versions = (['sendrecv', 'sendonly', 'sendonly', 'inactive', 'sendrecv'] as const).map((direction) =>
    versionIn(alice.offer(direction)),
  )
  expect(versions.map((version) => version - versions[0]!)).toEqual([0, 1, 1, 2, 3])
})

test('§8.1: a stream that is added later is refused in its place, the call’s own goes on', () => {
  const { bob } = pair()
  bob.answer(offerOf('m=audio 4000 RTP/AVP 0\r\n'))
  const { sdp } = bob.answer(offerOf('m=audio 4000 RTP/AVP 0\r\nm=video 5000 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n'))
  expect(parseSdp(sdp).media.map(({ type, port }) => [type, port])).toEqual([
    ['audio', 4000],
    ['video', 0],
  ])
})

test('§8.2: audio taken out of the call (port 0) leaves nothing to agree on', () => {
  const { bob } = pair()
  bob.answer(offerOf('m=audio 4000 RTP/AVP 0\r\n'))
  expect(() => bob.answer(offerOf('m=audio 0 RTP/AVP 0\r\n'))).toThrow(
    expect.objectContaining({ code: 'sdp.no-common-codec' }),
  )
})

test('§8.3.1: a new address and port are followed', () => {
  const { bob } = pair()
  bob.answer(offerOf('m=audio 4000 RTP/AVP 0\r\n'))
  const moved = offerOf('m=audio 6000 RTP/AVP 0\r\nc=IN IP4 10.0.0.77\r\n')
  expect(bob.answer(moved).audio.remote).toEqual({ address: '10.0.0.77', port: 6000 })
})

test('§8.3.2: the codec changes; a number keeps its meaning for the call', () => {
  const { bob } = pair()
  const first = bob.answer(offerOf('m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMU/8000\r\n'))
  const second = bob.answer(offerOf('m=audio 4000 RTP/AVP 97 96\r\na=rtpmap:96 PCMU/8000\r\na=rtpmap:97 PCMA/8000\r\n'))
  expect([first, second].map(({ audio }) => [audio.codecs[0].payloadType, audio.codecs[0].codec.name])).toEqual([
    [96, 'PCMU'],
    [97, 'PCMA'],
  ])
})

test('§5.1: 0.0.0.0 is the old hold; the address of before is in the next offer', () => {
  const { bob } = pair()
  const held = bob.answer(offerOf('m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n'))
  expect(held.audio.direction).not.toContain('send')
  expect(bob.answer(offerOf('m=audio 4000 RTP/AVP 0\r\n')).audio).toMatchObject({
    direction: 'sendrecv',
    remote: { address: '10.0.0.1' },
  })
})

describe('§6: what the answerer may not do', () => {
  test('it adds no stream: as many m= lines as were offered, in their order', () => {
    const media = 'm=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0\r\nm=application 6000 udp wb\r\n'
    const { sdp } = pair().bob.answer(offerOf(media))
    expect(parseSdp(sdp).media.map(({ type, port }) => [type, port])).toEqual([
      ['video', 0],
      ['audio', 4000],
      ['application', 0],
    ])
  })

  test('it takes no codec that was not offered', () => {
    const { bob } = pair()
    expect(() => bob.answer(offerOf('m=audio 4000 RTP/AVP 18\r\n'))).toThrow(
      expect.objectContaining({ code: 'sdp.no-common-codec' }),
    )
  })
})
