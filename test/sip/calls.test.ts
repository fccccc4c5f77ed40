import { expect, test } from 'vitest'
import type { IncomingSession } from '../../src/sip/sip-engine.ts'
import { ANSWER, OFFER, Pair, record, types } from './pair.ts'

test('a call rings, is answered and is hung up by the caller', async () => {
  const pair = await new Pair().start()
  const incoming = pair.nextCallAtBob()
  const { session, events } = pair.call('4711')
  await pair.clock.advance(10)
  const bob = await incoming
  const bobEvents = record(bob)
  expect(bob).toMatchObject({ dialled: '4711', offer: OFFER, peer: { kind: 'static-trunk', name: 'alice' } })
  expect(bob.remoteParty.user).toBe('200')
  bob.ring()
  await pair.clock.advance(10)
  bob.accept(ANSWER)
  await pair.clock.advance(10)
  expect(events).toEqual([
    { type: 'progress', status: 180, sdp: undefined },
    { type: 'established', sdp: ANSWER },
  ])
  session.end({ q850: 16 })
  await pair.clock.advance(10)
  expect(bobEvents).toEqual([
    { type: 'established', sdp: undefined },
    { type: 'ended', end: { by: 'remote', status: 200, q850: 16, reason: 'BYE' } },
  ])
  expect(types(events).at(-1)).toBe('ended')
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})

test('the callee hangs up', async () => {
  const pair = await new Pair().start()
  pair.bob.onInvite((session) => session.accept(ANSWER))
  const { events } = pair.call()
  let bob: IncomingSession | undefined
  pair.bob.onInvite((session) => {
    bob = session
    session.accept(ANSWER)
  })
  await pair.clock.advance(10)
  bob!.end({ q850: 31, text: 'gone' })
  await pair.clock.advance(10)
  expect(events.at(-1)).toEqual({ type: 'ended', end: { by: 'remote', status: 200, q850: 31, reason: 'gone' } })
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})

test('a refusal carries status, Q.850 cause and Retry-After', async () => {
  const pair = await new Pair().start()
  pair.bob.onInvite((session) => session.reject(503, { q850: 42, retryAfterS: 30 }))
  const { events } = pair.call()
  await pair.clock.advance(10)
  expect(events).toEqual([
    { type: 'ended', end: { by: 'remote', status: 503, q850: 42, reason: 'Service Unavailable', retryAfterS: 30 } },
  ])
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})

test('the caller gives up while it rings: CANCEL, 487 and nothing left', async () => {
  const pair = await new Pair().start()
  const incoming = pair.nextCallAtBob()
  const { session, events } = pair.call()
  await pair.clock.advance(10)
  const bobEvents = record(await incoming)
  ;(await incoming).ring()
  await pair.clock.advance(10)
  session.end({ sip: 200, text: 'Call completed elsewhere' })
  await pair.clock.advance(10)
  expect(bobEvents).toEqual([
    { type: 'ended', end: { by: 'remote', status: 487, q850: undefined, reason: 'Call completed elsewhere' } },
  ])
  expect(events.at(-1)).toMatchObject({ type: 'ended', end: { by: 'local', status: 487 } })
  await pair.clock.advance(40_000)
  expect(pair.alice.stats()).toMatchObject({ sessions: 0, dialogs: 0, clientTransactions: 0 })
  expect(pair.bob.stats()).toMatchObject({ sessions: 0, dialogs: 0, serverTransactions: 0 })
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})

test('10 % loss each way: 0 of 200 calls fail', async () => {
  const pair = await new Pair({ seed: 7 }).start()
  pair.network.faults = { loss: 0.1, delayMs: 10, jitterMs: 20 }
  let bobEnded = 0
  pair.bob.onInvite((session) => {
    session.events.on((event) => {
      if (event.type === 'established') session.end()
      if (event.type === 'ended') bobEnded++
    })
    session.ring()
    session.accept(ANSWER)
  })
  const ends: string[] = []
  const established = { count: 0 }
  for (let i = 0; i < 200; i++) {
    const { session } = pair.call()
    session.events.on((event) => {
      if (event.type === 'established') established.count++
      if (event.type === 'ended') ends.push(`${event.end.by} ${event.end.status}`)
    })
    await pair.clock.advance(100)
  }
  await pair.clock.advance(70_000)
  expect(established.count).toBe(200)
  expect(bobEnded).toBe(200)
  expect(new Set(ends)).toEqual(new Set(['remote 200']))
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})

test('stopping right after the answer waits for the ACK that the BYE has to follow', async () => {
  const pair = await new Pair().start()
  let stopping: Promise<void> | undefined
  pair.bob.onInvite((session) => {
    session.accept(ANSWER)
    stopping = pair.bob.stop()
  })
  const { events } = pair.call()
  await pair.clock.advance(100)
  await stopping
  expect(types(events)).toEqual(['established', 'ended'])
  expect(events.at(-1)).toMatchObject({ end: { by: 'remote', status: 200 } })
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})
