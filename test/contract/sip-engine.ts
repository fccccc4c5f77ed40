import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TandemError } from '../../src/base/errors.ts'
import type {
  CallTarget,
  IncomingSession,
  OutgoingSession,
  Session,
  SessionEvent,
  SipEngine,
  SipUserAgentOptions,
  TransportName,
} from '../../src/sip/sip-engine.ts'

/** Two engines that reach each other, and a way to let time pass until something has happened. */
export interface SipEnginesUnderTest {
  /** Makes an engine on a free port of a host that every engine of the bench reaches; not started yet. */
  engine(options: Partial<SipUserAgentOptions>): SipEngine
  /** Resolves when `condition` holds; rejects when it does not within the time that a protocol exchange may take. */
  until(condition: () => boolean): Promise<void>
  /** Which of the transports is under test. */
  readonly transport: TransportName
  /** The network block that all engines are in. */
  readonly network: string
  close(): Promise<void>
}

const OFFER = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
const ANSWER = OFFER.replaceAll('192.0.2.1', '192.0.2.2')

/** What any SIP engine must do for the bridge: nothing here looks below `sip-engine.ts`. */
export function sipEngineContract(name: string, start: () => Promise<SipEnginesUnderTest>): void {
  describe(`SipEngine: ${name}`, () => {
    let bench: SipEnginesUnderTest
    let caller: SipEngine
    let callee: SipEngine

    beforeEach(async () => {
      bench = await start()
      callee = bench.engine({
        users: [{ username: '100', password: 'right' }],
        staticTrunks: [{ name: 'caller', networks: [bench.network] }],
      })
      caller = bench.engine({})
      await callee.start()
      await caller.start()
    })
    afterEach(async () => {
      await Promise.all([caller.stop(), callee.stop()])
      await bench.close()
    })

    const at = (engine: SipEngine) => {
      const { address, port } = engine.listening[0]!
      return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
    }
    const account = () => {
      return { name: 'main', registrar: at(callee), transport: bench.transport, username: '100', expiresS: 60 }
    }
    const toCallee = (user = '4711'): CallTarget => ({
      kind: 'uri',
      uri: `sip:${user}@${at(callee)};transport=${bench.transport}`,
    })
    const dial = (target = toCallee()) => caller.invite(target, { caller: { user: '200' }, offer: () => OFFER })

    function record(session: Session): SessionEvent[] {
      const events: SessionEvent[] = []
      session.events.on((event) => events.push(event))
      return events
    }
    const ended = (events: SessionEvent[]) => events.at(-1)?.type === 'ended'

    /** A call that is ringing at the callee. */
    async function ringing() {
      let incoming: IncomingSession | undefined
      callee.onInvite((session) => {
        incoming = session
      })
      const outgoing: OutgoingSession = dial()
      const events = record(outgoing)
      await bench.until(() => incoming !== undefined)
      return { incoming: incoming!, outgoing, events, incomingEvents: record(incoming!) }
    }

    async function established() {
      const call = await ringing()
      call.incoming.accept(ANSWER)
      await bench.until(() => call.incomingEvents.some((event) => event.type === 'established'))
      return call
    }

    it('announces a call with its number, caller and offer', async () => {
      const { incoming } = await ringing()
      expect(incoming).toMatchObject({ dialled: '4711', offer: OFFER, remoteParty: { user: '200' } })
      expect(incoming.peer).toEqual({ kind: 'static-trunk', name: 'caller' })
      expect(incoming.localAddress).not.toBe('')
    })

    it('rings, answers, and brings each side the SDP of the other', async () => {
      const { incoming, events } = await ringing()
      incoming.ring()
      await bench.until(() => events.length === 1)
      incoming.accept(ANSWER)
      await bench.until(() => events.length === 2)
      expect(events).toEqual([
        { type: 'progress', status: 180, sdp: undefined },
        { type: 'established', sdp: ANSWER },
      ])
    })

    it.each([404, 486, 503, 603])('a refusal with %d arrives with its Q.850 cause', async (status) => {
      callee.onInvite((session) => session.reject(status, { q850: 17 }))
      const events = record(dial())
      await bench.until(() => ended(events))
      expect(events).toMatchObject([{ type: 'ended', end: { by: 'remote', status, q850: 17 } }])
    })

    it('either side hangs up; both hear it once', async () => {
      for (const side of ['incoming', 'outgoing'] as const) {
        const call = await established()
        call[side].end({ q850: 16 })
        call[side].end()
        await bench.until(() => ended(call.events) && ended(call.incomingEvents))
        const ends = [call.events, call.incomingEvents].map((events) => events.filter(({ type }) => type === 'ended'))
        expect(ends.map((found) => found.length)).toEqual([1, 1])
        expect([...ends.flat()].map((event) => event.type === 'ended' && event.end.by).sort()).toEqual([
          'local',
          'remote',
        ])
      }
    })

    it('a caller that gives up cancels', async () => {
      const { outgoing, incoming, events, incomingEvents } = await ringing()
      incoming.ring()
      await bench.until(() => events.length === 1)
      outgoing.end()
      await bench.until(() => ended(incomingEvents))
      expect(incomingEvents).toMatchObject([{ type: 'ended', end: { by: 'remote', status: 487 } }])
    })

    it('a caller that gives up says why', async () => {
      const { outgoing, incoming, events, incomingEvents } = await ringing()
      incoming.ring()
      await bench.until(() => events.length === 1)
      outgoing.end({ q850: 19 })
      await bench.until(() => ended(incomingEvents))
      expect(incomingEvents).toMatchObject([{ end: { q850: 19 } }])
    })

    it('early media: the description comes with the progress, and the answer is the same', async () => {
      const { incoming, events } = await ringing()
      incoming.ring(ANSWER)
      await bench.until(() => events.length === 1)
      incoming.accept(ANSWER)
      await bench.until(() => events.length === 2)
      expect(events).toEqual([
        { type: 'progress', status: 183, sdp: ANSWER },
        { type: 'established', sdp: ANSWER },
      ])
    })

    it('a call that came in knows whether it was answered; what comes after its answer changes nothing', async () => {
      const { incoming, events } = await ringing()
      expect(incoming.isAnswered).toBe(false)
      incoming.accept(ANSWER)
      await bench.until(() => incoming.isAnswered)
      incoming.reject(486)
      incoming.ring()
      await bench.until(() => events.length > 0)
      expect(events.map(({ type }) => type)).toEqual(['established'])
    })

    it('a call is answered once: what is said after its end changes nothing', async () => {
      const { incoming, events, incomingEvents } = await ringing()
      incoming.reject(486)
      incoming.accept(ANSWER)
      incoming.end()
      await bench.until(() => ended(events))
      expect(events).toMatchObject([{ type: 'ended', end: { status: 486 } }])
      expect(incomingEvents.filter(({ type }) => type === 'ended')).toHaveLength(1)
    })

    it('headers of the INVITE are read; a value cannot begin one of its own', async () => {
      const heard = new Promise<readonly (string | undefined)[]>((resolve) =>
        callee.onInvite((session) => {
          resolve([session.header('X-Test'), session.header('X-Evil')])
          session.reject(486)
        }),
      )
      const headers = [{ name: 'X-Test', value: 'a\r\nX-Evil: b' }]
      record(caller.invite(toCallee(), { caller: { user: '200' }, offer: () => OFFER, headers }))
      expect(await heard).toEqual(['a  X-Evil: b', undefined])
    })

    it('an offer that cannot be made ends the call, and nobody is called', async () => {
      callee.onInvite(() => expect.unreachable())
      const offer = () => {
        throw new TandemError('test.no-offer', 'no port is free')
      }
      const events = record(caller.invite(toCallee(), { caller: { user: '200' }, offer }))
      await bench.until(() => ended(events))
      expect(events).toMatchObject([{ end: { by: 'transport', reason: 'no port is free' } }])
    })

    it('stop hangs up what is left', async () => {
      const { events, incomingEvents } = await established()
      await callee.stop()
      await bench.until(() => ended(events) && ended(incomingEvents))
      expect(events.at(-1)).toMatchObject({ end: { by: 'remote', status: 200 } })
      expect(callee.stats()).toMatchObject({ sessions: 0, dialogs: 0 })
    })

    it('an offer within the call is answered by the other side', async () => {
      const { incoming, outgoing } = await established()
      const offers: (string | undefined)[] = []
      incoming.onOffer((offer) => {
        offers.push(offer.sdp)
        offer.accept(ANSWER)
      })
      const held = `${OFFER}a=sendonly\r\n`
      expect(await outgoing.reoffer(held)).toBe(ANSWER)
      expect(offers).toEqual([held])
    })

    it('a refused offer leaves the call as it was', async () => {
      const { incoming, outgoing, events } = await established()
      incoming.onOffer((offer) => offer.reject(488))
      await expect(outgoing.reoffer(`${OFFER}a=sendonly\r\n`)).rejects.toMatchObject({ code: 'sip.offer-refused' })
      expect(ended(events)).toBe(false)
    })

    it('announces calls whatever OPTIONS are told, and passes on why they are refused', async () => {
      callee.onAvailability(() => ({ available: false, retryAfterS: 9, reason: 'draining' }))
      callee.onInvite((session) => session.reject(503, { q850: 38, retryAfterS: 10 }))
      const events = record(dial())
      await bench.until(() => ended(events))
      expect(events).toMatchObject([{ end: { status: 503, q850: 38, retryAfterS: 10 } }])
    })

    it('a call that cannot be placed ends; it does not throw', async () => {
      const events = record(dial({ kind: 'trunk', trunk: 'none', user: '1' }))
      await bench.until(() => ended(events))
      expect(events).toMatchObject([{ end: { by: 'transport', status: 503 } }])
    })

    it('an account registers, is called at its contact, and is gone after stop', async () => {
      const registration = { ...account(), password: 'right' }
      const phone = bench.engine({ registrations: [registration] })
      await phone.start()
      await bench.until(() => phone.registrations[0]!.state === 'registered')
      const [contact] = callee.contactsOf('100')
      phone.onInvite((session) => session.accept(ANSWER))
      const events = record(
        callee.invite({ kind: 'contact', contact: contact! }, { caller: { user: '1' }, offer: () => OFFER }),
      )
      await bench.until(() => events.some((event) => event.type === 'established'))
      await phone.stop()
      expect(callee.contactsOf('100')).toEqual([])
      await bench.until(() => ended(events))
    })

    it('a wrong password does not register', async () => {
      const registration = { ...account(), password: 'wrong' }
      const phone = bench.engine({ registrations: [registration] })
      await phone.start()
      await bench.until(() => phone.registrations[0]!.state === 'failed')
      expect(phone.registrations[0]!.lastStatus).toBe(401)
      expect(callee.contactsOf('100')).toEqual([])
      expect(callee.stats().authFailures).toBe(1)
      await phone.stop()
    })

    it('leaves no session behind', async () => {
      const { outgoing, events, incomingEvents } = await established()
      outgoing.end()
      await bench.until(() => ended(events) && ended(incomingEvents))
      for (const engine of [caller, callee]) expect(engine.stats()).toMatchObject({ sessions: 0, dialogs: 0 })
    })
  })
}
