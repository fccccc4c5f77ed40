import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LogFields, silentLogger } from '../../src/base/logger.ts'
import { ANSWER, BOB, OFFER, Pair, record } from './pair.ts'
import { head, RawPeer, SDP } from './raw-peer.ts'

/** A trunk that answers our INVITE with whatever it likes, in any order, and asks for anything in between. */

const FIELDS = [
  'Contact: <sip:601@10.0.0.9>',
  'Contact: <sip:602@h>;q=0.5, <tel:+49>',
  'Contact: <sips:300@10.0.0.9>',
  'Contact: *',
  'Record-Route: <sip:10.0.0.9;lr>',
  'Record-Route: <sip:10.0.0.9>',
  'Require: 100rel',
  'Require: timer',
  'RSeq: 1',
  'RSeq: 2',
  'Session-Expires: 0;refresher=uac',
  'Session-Expires: 100;refresher=uas',
  'Min-SE: 5000',
  'Allow: UPDATE',
  'Retry-After: 1',
  'Proxy-Authenticate: Digest realm="a", nonce="1", qop="auth"',
  'Proxy-Authenticate: Digest realm="b", nonce="2", stale=true',
  'WWW-Authenticate: Digest realm="c", nonce="3", algorithm=SHA-256',
  'Reason: Q.850;cause=16',
]

const answer = fc.record({
  kind: fc.constant('answer' as const),
  status: fc.constantFrom(100, 180, 183, 199, 200, 202, 300, 302, 401, 407, 408, 422, 481, 486, 487, 491, 503, 603),
  fields: fc.subarray(FIELDS, { maxLength: 6 }),
  tag: fc.constantFrom('a', 'b'),
  body: fc.constantFrom('', ANSWER, 'v=0\r\n'),
  /** Which of our requests it answers, counted from the last. */
  which: fc.nat(3),
})
const ask = fc.record({
  kind: fc.constant('ask' as const),
  method: fc.constantFrom('UPDATE', 'INVITE', 'PRACK', 'REFER', 'INFO', 'BYE', 'ACK', 'OPTIONS'),
  fields: fc.subarray([...FIELDS, 'Refer-To: 600', 'RAck: 1 1 INVITE', 'Replaces: x;to-tag=1;from-tag=2'], {
    maxLength: 3,
  }),
  tag: fc.constantFrom('a', 'b', 'c'),
  body: fc.constantFrom('', OFFER, 'v=0\r\n'),
})
const wait = fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 600, 5000, 40_000) })
const end = fc.record({ kind: fc.constant('end' as const) })
const reoffer = fc.record({ kind: fc.constant('reoffer' as const) })
const step = fc.oneof({ weight: 6, arbitrary: answer }, { weight: 3, arbitrary: ask }, wait, end, reoffer)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** How far a call has come before the trunk runs wild: not at all, to a reliable answer, or to talking. */
const GOOD = { kind: 'answer', tag: 'a', body: ANSWER, which: 0 } as const
const BEGINNINGS: readonly (readonly Step[])[] = [
  [],
  [{ ...GOOD, status: 183, fields: ['Contact: <sip:300@10.0.0.9>', 'Require: 100rel', 'RSeq: 1'] }],
  [
    {
      ...GOOD,
      status: 200,
      fields: ['Contact: <sip:300@10.0.0.9>', 'Allow: UPDATE', 'Session-Expires: 100;refresher=uac'],
    },
  ],
]

const story = fc
  .tuple(fc.constantFrom(...BEGINNINGS), fc.array(step, { minLength: 3, maxLength: 25 }))
  .map(([beginning, steps]) => [...beginning, ...steps])

test('whatever a trunk answers and asks, the call ends once, and nothing of it is left', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const mistakes: LogFields[] = []
      const logger = { ...silentLogger, error: (fields: LogFields) => void mistakes.push(fields) }
      const account = { registrar: '10.0.0.9', username: 'wa', password: 'x', expiresS: 3600 }
      const pair = await new Pair({
        bob: { staticTrunks: [], registrations: [{ name: 'pbx', ...account }] },
        logger,
      }).start()
      const peer = await new RawPeer({ address: '10.0.0.9', port: 5060 }, BOB).open(pair.network)
      const session = pair.bob.invite(
        { kind: 'trunk', trunk: 'pbx', user: '300' },
        { caller: { user: '1' }, offer: () => OFFER },
      )
      session.onOffer((offer) => offer.accept(ANSWER))
      session.onTransfer((transfer) => transfer.accept())
      const events = record(session)
      await pair.clock.advance(1)
      let sequence = 100
      for (const now of steps) {
        const requests = peer.received.filter((message) => message.kind === 'request')
        if (now.kind === 'wait') await pair.clock.advance(now.ms)
        else if (now.kind === 'end') session.end()
        else if (now.kind === 'reoffer') session.reoffer(`${OFFER}a=sendonly\r\n`).catch(() => {})
        else if (now.kind === 'answer') {
          const request = requests.at(-1 - now.which)
          const fields = now.body === '' ? now.fields : [...now.fields, ...SDP]
          if (request && request.method !== 'ACK') peer.answer(request, now.status, fields, now.body, now.tag)
        } else {
          const toTag = requests.find(({ method }) => method === 'INVITE')?.from.params.get('tag') ?? 'x'
          const options = { callId: session.callId, fromTag: now.tag, toTag, sequence: sequence++ }
          const extra = now.body === '' ? now.fields : [...now.fields, ...SDP]
          const lines = head(now.method, { ...options, extra })
          const isOwn = extra.some((field) => field.startsWith('Contact'))
          peer.send(isOwn ? lines.filter((line) => line !== 'Contact: <sip:200@10.0.0.9:5060>') : lines, now.body)
        }
        await pair.clock.advance(1)
      }
      session.end()
      await pair.clock.advance(200_000)
      expect(mistakes).toEqual([])
      expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1)
      expect(events.findIndex(({ type }) => type === 'ended')).toBe(events.length - 1)
      expect(pair.bob.stats()).toMatchObject({ sessions: 0, dialogs: 0, serverTransactions: 0 })
      await peer.close()
      expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
    }),
    { numRuns: 150 },
  )
})
