import { beforeEach, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/random.ts'
import { authorization, challengesOf } from '../../src/sip/auth/credentials.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { request } from '../../src/sip/message/message.ts'
import type { RegistrationOptions, RegistrationState } from '../../src/sip/sip-engine.ts'
import { ANSWER, BOB, OFFER, Pair, record, types } from './pair.ts'
import { head, RawPeer, SDP } from './raw-peer.ts'

const PEER = { address: '10.0.0.9', port: 5060 }

describe('registrar', () => {
  let pair: Pair
  let phone: RawPeer
  let sequence: number

  beforeEach(async () => {
    sequence = 0
    pair = await new Pair({
      bob: { staticTrunks: [], users: [{ username: '200', password: 'secret', maxContacts: 2 }] },
    }).start()
    phone = await new RawPeer(PEER, BOB).open(pair.network)
  })

  /** REGISTER, 401, REGISTER with credentials; gives the last answer. */
  async function register(extra: string[], { user = '200', password = 'secret', method = 'REGISTER', body = '' } = {}) {
    const uri = method === 'REGISTER' ? 'sip:10.0.0.2' : 'sip:900@10.0.0.2'
    const lines = (more: string[] = []) => [
      ...head(method, { uri, user, sequence: ++sequence, callId: `reg-${method}` }).filter(
        (line) => !/^(Contact|To)/.test(line),
      ),
      `To: <sip:${user}@10.0.0.2>`,
      ...extra,
      ...more,
    ]
    phone.send(lines(), body)
    await pair.clock.advance(1)
    const challenge = phone.responses().at(-1)!
    if (challenge.status !== 401) return challenge
    const credentials = { username: user, password }
    const [asked] = challengesOf(challenge)
    const blank = request(method, uri, new Headers())
    const value = authorization(asked!, blank, credentials, 1, seededRandom(sequence))
    phone.send(lines([`${asked!.header}: ${value}`]), body)
    await pair.clock.advance(1)
    return phone.responses().at(-1)!
  }

  test('an OPTIONS is one of the user who has registered from there; of nobody when several have', async () => {
    const asked: unknown[] = []
    pair = await new Pair({
      bob: { staticTrunks: [], users: ['200', '300'].map((username) => ({ username, password: 'secret' })) },
    }).start()
    phone = await new RawPeer(PEER, BOB).open(pair.network)
    pair.bob.onAvailability((peer) => {
      asked.push(peer)
      return { available: true }
    })
    const options = async (port = PEER.port) => {
      const peer = port === PEER.port ? phone : await new RawPeer({ ...PEER, port }, BOB).open(pair.network)
      peer.send(head('OPTIONS', { sequence: ++sequence, callId: `ping-${sequence}` }))
      await pair.clock.advance(1)
      expect(peer.statuses.at(-1)).toBe(200)
    }
    await options()
    await register(['Contact: <sip:200@192.168.1.5:5062>;expires=120'])
    await options()
    await options(5070)
    await register(['Contact: <sip:300@192.168.1.5:5062>;expires=120'], { user: '300' })
    await options()
    expect(asked).toEqual([undefined, { kind: 'user', username: '200' }, undefined, undefined])
  })

  test('binds a contact, names its time, and forgets it when that is over', async () => {
    const seen: number[] = []
    pair.bob.contactsChanged.on(({ contacts }) => seen.push(contacts))
    const response = await register(['Contact: <sip:200@192.168.1.5:5062>;expires=120'])
    expect(response.status).toBe(200)
    expect(response.headers.list('Contact')).toEqual(['<sip:200@192.168.1.5:5062>;expires=120'])
    expect(pair.bob.contactsOf('200')).toMatchObject([
      { uri: 'sip:200@192.168.1.5:5062', source: PEER, transport: 'udp' },
    ])
    await pair.clock.advance(121_000)
    expect(pair.bob.contactsOf('200')).toEqual([])
    expect(seen).toEqual([1, 0])
  })

  test('expiry: too short 423, too long cut, absent the default', async () => {
    const short = await register(['Contact: <sip:200@h>;expires=5'])
    expect([short.status, short.headers.get('Min-Expires')]).toEqual([423, '30'])
    expect((await register(['Contact: <sip:200@h>', 'Expires: 999999'])).headers.get('Contact')).toBe(
      '<sip:200@h>;expires=3600',
    )
    expect((await register(['Contact: <sip:200@h>'])).headers.get('Contact')).toBe('<sip:200@h>;expires=300')
  })

  test('a refresh keeps one binding; expires=0 and * remove', async () => {
    await register(['Contact: <sip:200@h>;expires=60'])
    await register(['Contact: <sip:200@h>;expires=60'])
    expect(pair.bob.contactsOf('200')).toHaveLength(1)
    await register(['Contact: <sip:200@h2>;expires=60'])
    expect((await register(['Contact: <sip:200@h>;expires=0'])).headers.list('Contact')).toEqual([
      '<sip:200@h2>;expires=60',
    ])
    expect((await register(['Contact: *', 'Expires: 60'])).status).toBe(400)
    expect((await register(['Contact: *', 'Expires: 0'])).status).toBe(200)
    expect(pair.bob.contactsOf('200')).toEqual([])
  })

  test('no more contacts than allowed, and all of a REGISTER or nothing', async () => {
    expect((await register(['Contact: <sip:a@h>, <sip:b@h>, <sip:c@h>'])).status).toBe(403)
    expect(pair.bob.contactsOf('200')).toEqual([])
    expect((await register(['Contact: <sip:a@h>, <sip:b@h>'])).status).toBe(200)
    expect((await register(['Contact: <sip:c@h>'])).status).toBe(403)
    expect((await register([])).headers.list('Contact')).toHaveLength(2)
  })

  test('a phone that restarted with a new rinstance replaces what it left; another phone does not', async () => {
    await register(['Contact: <sip:200@192.168.1.5;rinstance=a>;expires=60'])
    await register(['Contact: <sip:200@192.168.1.5;rinstance=b>;expires=60'])
    await register(['Contact: <sip:200@192.168.1.6;rinstance=c>;expires=60'])
    const uris = pair.bob.contactsOf('200').map(({ uri }) => uri)
    expect(uris).toEqual(['sip:200@192.168.1.6;rinstance=c', 'sip:200@192.168.1.5;rinstance=b'])
  })

  test('Path (RFC 3327): echoed, kept, and the way that a call takes', async () => {
    const proxy = await new RawPeer({ address: '10.0.0.60', port: 5060 }, BOB).open(pair.network)
    const path = '<sip:10.0.0.60;lr>'
    const response = await register(['Contact: <sip:200@192.168.1.5>;expires=60', `Path: ${path}`, 'Supported: path'])
    expect(response.headers.list('Path')).toEqual([path])
    const [contact] = pair.bob.contactsOf('200')
    pair.bob.invite({ kind: 'contact', contact: contact! }, { caller: { user: '1' }, offer: () => OFFER })
    await pair.clock.advance(1)
    const [invite] = proxy.requests('INVITE')
    expect([invite!.requestUri, invite!.headers.get('Route')]).toEqual(['sip:200@192.168.1.5', path])
    expect((await register(['Contact: <sip:200@192.168.1.5>', 'Path: <<'])).status).toBe(400)
    await proxy.close()
  })

  test('nobody registers for someone else, and unknown users look like wrong passwords', async () => {
    expect((await register(['Contact: <sip:a@h>', 'To: <sip:201@h>'])).status).toBe(400)
    expect((await register(['Contact: <mailto:x>'])).status).toBe(400)
    const unknown = await register(['Contact: <sip:a@h>'], { user: 'nobody' })
    const wrong = await register(['Contact: <sip:a@h>'], { password: 'guess' })
    const shape = (response: typeof wrong) => [
      response.status,
      response.reason,
      response.headers.count('WWW-Authenticate'),
    ]
    expect(shape(unknown)).toEqual(shape(wrong))
    expect(pair.bob.stats().authFailures).toBe(2)
  })

  test('a call to a phone goes where its REGISTER came from, by the name it gave', async () => {
    await register(['Contact: <sip:200@192.168.1.5:5062;ob>;expires=120'])
    const [contact] = pair.bob.contactsOf('200')
    const session = pair.bob.invite(
      { kind: 'contact', contact: contact! },
      { caller: { user: '+49170', displayName: 'Jörg' }, offer: () => OFFER },
    )
    const events = record(session)
    await pair.clock.advance(1)
    const invite = phone.requests('INVITE')[0]!
    expect(invite.requestUri).toBe('sip:200@192.168.1.5:5062;ob')
    expect(invite.from).toMatchObject({ displayName: 'Jörg', uri: { user: '+49170' } })
    phone.answer(invite, 200, ['Contact: <sip:200@192.168.1.5:5062>', ...SDP], ANSWER)
    await pair.clock.advance(1)
    session.end()
    await pair.clock.advance(1)
    expect(phone.requests('BYE')).toHaveLength(1)
    expect(types(events)).toEqual(['established', 'ended'])
  })

  test('a call from a phone is challenged, then announced with its name', async () => {
    const incoming = pair.nextCallAtBob()
    expect((await register(['Contact: <sip:200@192.168.1.5>', ...SDP], { method: 'INVITE', body: OFFER })).status).toBe(
      100,
    )
    expect(await incoming).toMatchObject({ peer: { kind: 'user', username: '200' }, dialled: '900', offer: OFFER })
  })
})

describe('registration at a PBX', () => {
  let pair: Pair
  let pbx: RawPeer
  let states: RegistrationState[]
  const account: RegistrationOptions = {
    name: 'pbx',
    registrar: '10.0.0.9',
    username: '700',
    authUsername: 'auth700',
    password: 'secret',
    expiresS: 300,
  }

  async function setUp(options: Partial<RegistrationOptions> = {}) {
    pair = new Pair({ bob: { staticTrunks: [], registrations: [{ ...account, ...options }] } })
    pbx = await new RawPeer(PEER, BOB).open(pair.network)
    states = []
    pair.bob.registrations[0]!.changed.on((state) => states.push(state))
    await pair.start()
    await pair.clock.advance(1)
  }

  const last = () => pbx.requests('REGISTER').at(-1)!
  /** REGISTERs without their retransmissions. */
  const attempts = () => new Set(pbx.requests('REGISTER').map(({ cseq }) => cseq.number)).size
  async function answer(status: number, headers: string[] = []) {
    pbx.answer(last(), status, headers)
    await pair.clock.advance(1)
  }
  const challenge = ['WWW-Authenticate: Digest realm="asterisk", nonce="n1", algorithm=MD5, qop="auth"']

  test('challenge, credentials, refresh before the granted time ends, un-REGISTER on stop', async () => {
    await setUp()
    expect(last().requestUri).toBe('sip:10.0.0.9')
    await answer(401, challenge)
    expect(last().cseq.number).toBe(2)
    expect(last().headers.get('Authorization')).toContain('username="auth700"')
    await answer(200, ['Contact: <sip:other@h>;expires=10, <sip:700@10.0.0.2:5060>;expires=100', 'Expires: 3000'])
    expect(pair.bob.registrations[0]).toMatchObject({ name: 'pbx', state: 'registered', lastStatus: 200 })
    await pair.clock.advance(59_000)
    expect(attempts()).toBe(2)
    await pair.clock.advance(1500)
    expect(attempts()).toBe(3)
    await answer(200, ['Expires: 3000'])
    const stopped = pair.bob.stop()
    await pair.clock.advance(1)
    expect(last().headers.get('Contact')).toContain('expires=0')
    await answer(401, challenge)
    await answer(200)
    await stopped
    expect(states).toEqual(['registering', 'registered', 'unregistered'])
  })

  test('a 401 to the credentials is a failure, never a registration; back-off doubles', async () => {
    await setUp()
    for (const waitMs of [5000, 10_000, 20_000]) {
      await answer(401, challenge)
      const before = attempts()
      await answer(401, challenge)
      expect(pair.bob.registrations[0]).toMatchObject({ state: 'failed', lastStatus: 401 })
      await pair.clock.advance(waitMs - 10)
      expect(attempts()).toBe(before)
      await pair.clock.advance(waitMs / 4 + 10)
      expect(attempts()).toBe(before + 1)
    }
  })

  test('stale=true is worth another try at once', async () => {
    await setUp()
    await answer(401, challenge)
    await answer(401, [`${challenge[0]}, stale=true`.replace('n1', 'n2')])
    expect(last().headers.get('Authorization')).toContain('nonce="n2"')
    await answer(200)
    expect(pair.bob.registrations[0]!.state).toBe('registered')
  })

  test('423 raises the expiry, Retry-After is waited for, silence is 408', async () => {
    await setUp()
    await answer(423, ['Min-Expires: 1800'])
    expect(last().headers.get('Expires')).toBe('1800')
    await answer(503, ['Retry-After: 60 (busy)'])
    const before = attempts()
    await pair.clock.advance(59_000)
    expect(attempts()).toBe(before)
    await pair.clock.advance(17_000)
    expect(attempts()).toBeGreaterThan(before)
    await pair.clock.advance(32_000)
    expect(pair.bob.registrations[0]).toMatchObject({ state: 'failed', lastStatus: 408 })
  })

  test('domain and outbound proxy: REGISTER for the domain over the proxy', async () => {
    await setUp({ registrar: 'pbx.example', domain: 'example.org', outboundProxy: '10.0.0.9:5060' })
    expect(last().requestUri).toBe('sip:example.org')
    expect(last().headers.get('Route')).toBe('<sip:10.0.0.9:5060;lr>')
    expect(last().to.uri).toMatchObject({ user: '700', host: 'example.org' })
  })

  test('calls from the registrar are its trunk; calls to it carry account and asserted number', async () => {
    await setUp()
    await answer(200)
    const incoming = pair.nextCallAtBob()
    pbx.send(
      head('INVITE', { uri: 'sip:4711@10.0.0.2:5060', extra: ['P-Asserted-Identity: "Desk" <sip:100@h>', ...SDP] }),
      OFFER,
    )
    await pair.clock.advance(1)
    expect(await incoming).toMatchObject({
      peer: { kind: 'registration', name: 'pbx' },
      dialled: '4711',
      caller: { party: { user: '100', displayName: 'Desk' }, isPrivate: false },
    })
    const session = pair.bob.invite(
      { kind: 'trunk', trunk: 'pbx', user: '100' },
      { caller: { user: '+4917012345' }, offer: () => OFFER },
    )
    await pair.clock.advance(1)
    const invite = pbx.requests('INVITE')[0]!
    expect(invite.requestUri).toBe('sip:100@10.0.0.9')
    expect(invite.from.uri.user).toBe('700')
    expect(invite.headers.get('P-Asserted-Identity')).toBe('<sip:+4917012345@10.0.0.9>')
    pbx.answer(invite, 407, ['Proxy-Authenticate: Digest realm="fs", nonce="n"'])
    await pair.clock.advance(1)
    expect(pbx.requests('INVITE')[1]).toMatchObject({ cseq: { number: 2 }, callId: session.callId })
    expect(pbx.requests('INVITE')[1]!.headers.get('Proxy-Authorization')).toContain('username="auth700"')
  })

  test('an anonymous caller is anonymous', async () => {
    await setUp({ callerPlacement: 'from' })
    await answer(200)
    pair.bob.invite({ kind: 'trunk', trunk: 'pbx', user: '100' }, { caller: { user: '' }, offer: () => OFFER })
    await pair.clock.advance(1)
    const invite = pbx.requests('INVITE')[0]!
    expect(invite.from).toMatchObject({ displayName: 'Anonymous', uriText: 'sip:anonymous@anonymous.invalid' })
    expect(invite.headers.get('Privacy')).toBe('id')
  })
})
