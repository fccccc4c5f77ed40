import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LogFields, silentLogger } from '../../src/base/logger.ts'
import { AudioNegotiation } from '../../src/sip/sdp/offer-answer.ts'
import { ANSWER, BOB, OFFER, Pair } from './pair.ts'
import { head, SDP } from './raw-peer.ts'

const PEER = { address: '10.0.0.9', port: 5060 }

/** Heads of every kind of request and of an answer, to be broken. */
const REQUESTS = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'INFO',
  'UPDATE',
  'PRACK',
  'REFER',
  'MESSAGE',
]
const EXTRA = [
  'Record-Route: <sip:10.0.0.60;lr>, <sip:p>',
  'Contact: *',
  'Authorization: Digest username="200", realm="tandem", nonce="a.b.c", uri="sip:x", response="0", cnonce="x", qop=auth, nc=00000001',
  'Reason: Q.850;cause=16',
  'Require: 100rel',
  'RAck: 1 1 INVITE',
  'Session-Expires: 90;refresher=uac',
  'Supported: timer, 100rel',
  'Refer-To: <sip:600@h?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>',
  'Replaces: a;to-tag=1;from-tag=2',
  'Remote-Party-ID: <sip:1@h>;privacy=full',
  'Diversion: <sip:1@h>;reason=x',
  'History-Info: <sip:1@h?Reason=SIP%3Bcause%3D302>;index=1, <sip:2@h>;index=1.1',
  'Accept: application/sdp',
  'P-Asserted-Identity: "x" <sip:1@h>',
  ...SDP,
]

/** One change somewhere in the text: cut, doubled, replaced or inserted. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(12),
  text: fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom('\r\n', '"', '<', '>', ';', ',', '\0', '%', ':', ' ', '='.repeat(300)),
  ),
})

const hostile = fc
  .record({
    method: fc.constantFrom(...REQUESTS),
    branch: fc.nat(5),
    toTag: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
    extra: fc.subarray(EXTRA),
    edits: fc.array(edit, { maxLength: 4 }),
    body: fc.constantFrom('', OFFER, 'Signal=1'),
    isAnswer: fc.boolean(),
  })
  .map(({ method, branch, toTag, extra, edits, body, isAnswer }) => {
    const options = { branch: `z9hG4bK${branch}`, callId: `c${branch}`, extra, ...(toTag !== undefined && { toTag }) }
    const lines = head(method, options)
    let text = `${(isAnswer ? ['SIP/2.0 200 OK', ...lines.slice(1)] : lines).join('\r\n')}\r\n\r\n${body}`
    for (const { at, length, text: inserted } of edits) {
      const index = Math.floor(at * text.length)
      text = text.slice(0, index) + inserted + text.slice(index + length)
    }
    return Buffer.from(text)
  })

test('whatever comes in, nothing is thrown, nothing is left, and the next request is served', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 20, maxLength: 60 }), fc.boolean(), async (messages, isTrunk) => {
      const mistakes: LogFields[] = []
      const logger = { ...silentLogger, error: (fields: LogFields) => void mistakes.push(fields) }
      const staticTrunks = isTrunk ? [{ name: 'peer', networks: ['10.0.0.9'] }] : []
      const pair = await new Pair({
        logger,
        bob: { staticTrunks, users: [{ username: '200', password: 'x' }] },
      }).start()
      const peer = await pair.network.udp({ ...PEER, onDatagram: () => {} })
      let calls = 0
      pair.bob.onInvite((session) => {
        session.onOffer((offer) => offer.accept(ANSWER))
        if (calls++ % 3 === 0) session.reject(486)
        else if (calls % 3 === 1) session.accept(ANSWER)
        else session.ring()
      })
      for (const message of messages) peer.send(message, BOB)
      await pair.clock.advance(100)
      const probe: string[] = []
      const prober = await pair.network.udp({
        address: '10.0.0.8',
        port: 5060,
        onDatagram: (datagram) => void probe.push(Buffer.from(datagram).toString().slice(0, 11)),
      })
      prober.send(Buffer.from(`${head('OPTIONS', { sentBy: '10.0.0.8:5060' }).join('\r\n')}\r\n\r\n`), BOB)
      await pair.clock.advance(1)
      expect(probe).toEqual(['SIP/2.0 200'])
      await Promise.all([peer.close(), prober.close()])
      expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
      expect(mistakes).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('an answer to an offer never has more than one codec, whatever the offer', () => {
  const line = fc.constantFrom(
    'm=audio 4000 RTP/AVP 0 8 101',
    'm=audio 4002 RTP/AVP 8 96',
    'm=video 1 RTP/AVP 31',
    'a=rtpmap:101 telephone-event/8000',
    'a=rtpmap:96 PCMU/8000',
    'a=sendonly',
    'c=IN IP4 0.0.0.0',
    'a=ptime:40',
  )
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      const codecs = ['PCMU', 'PCMA'].map((name, i) => ({ name, clockRateHz: 8000, payloadType: i * 8 }))
      const ours = new AudioNegotiation({
        local: { address: '10.0.0.2', port: 9000 },
        codecs,
        telephoneEvents: [],
        sessionId: '1',
      })
      const offer = ['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=-', 'c=IN IP4 10.0.0.1', 't=0 0', ...lines, ''].join('\r\n')
      fc.pre(lines.some((text) => text.startsWith('m=audio')))
      const { sdp, audio } = ours.answer(offer)
      expect(audio.codecs).toHaveLength(1)
      expect(sdp.match(/^a=rtpmap:\d+ (?!telephone-event)/gm)).toHaveLength(1)
      expect(sdp.match(/^m=/gm)).toHaveLength(offer.match(/^m=/gm)!.length)
    }),
  )
})
