import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/random.ts'
import { authorization, challengesOf } from '../../../src/sip/auth/credentials.ts'
import { Headers } from '../../../src/sip/message/headers.ts'
import { request } from '../../../src/sip/message/message.ts'
import { Dialogue } from '../dialogue.ts'
import { head } from '../raw-peer.ts'

/** The registrations of RFC 3665 §2, with us as the server and as Bob. */

describe('§2 with us as the registrar', () => {
  const USERS = { staticTrunks: [], users: [{ username: 'bob', password: 'zanzibar' }] }
  const HOME = '<sip:bob@10.0.0.9>'
  const OFFICE = '<sip:bob@192.0.2.4>'

  /** A REGISTER, the challenge, the REGISTER with credentials, the answer. */
  async function register(dialogue: Dialogue, fields: readonly string[], password = 'zanzibar') {
    const uri = 'sip:10.0.0.2'
    const lines = (sequence: number, more: readonly string[] = []) => [
      ...head('REGISTER', { uri, user: 'bob', callId: 'reg', sequence }).filter((line) => !/^(Contact|To):/.test(line)),
      'To: <sip:bob@10.0.0.2>',
      ...fields,
      ...more,
    ]
    const sequence = dialogue.peer.received.length + 1
    const before = dialogue.peer.received.length
    dialogue.peer.send(lines(sequence))
    await dialogue.advance(1)
    const [asked] = challengesOf(dialogue.lastAnswer)
    const credentials = { username: 'bob', password }
    const value = authorization(asked!, request('REGISTER', uri, new Headers()), credentials, 1, seededRandom(sequence))
    dialogue.peer.send(lines(sequence + 1, [`Authorization: ${value}`]))
    await dialogue.advance(1)
    const contacts = dialogue.lastAnswer.headers.list('Contact').map((text) => text.split(';')[0])
    return { statuses: dialogue.peer.statuses.slice(before), contacts: new Set(contacts) }
  }

  test('2.1 successful new registration: 401, then 200 with the contact and its time', async () => {
    const dialogue = await Dialogue.start(USERS)
    const { statuses, contacts } = await register(dialogue, [`Contact: ${HOME}`, 'Expires: 300'])
    expect([statuses, contacts]).toEqual([[401, 200], new Set([HOME])])
    expect(dialogue.lastAnswer.headers.get('Contact')).toBe(`${HOME};expires=300`)
  })

  test('2.2 update of the contact list: another one is added, both are named', async () => {
    const dialogue = await Dialogue.start(USERS)
    await register(dialogue, [`Contact: ${HOME}`])
    const { contacts } = await register(dialogue, [`Contact: ${OFFICE}`])
    expect(contacts).toEqual(new Set([HOME, OFFICE]))
  })

  test('2.3 request for the current contact list: no Contact asks for all, and changes none', async () => {
    const dialogue = await Dialogue.start(USERS)
    await register(dialogue, [`Contact: ${HOME}, ${OFFICE}`])
    const { statuses, contacts } = await register(dialogue, [])
    expect([statuses, contacts]).toEqual([[401, 200], new Set([HOME, OFFICE])])
    expect(dialogue.pair.bob.contactsOf('bob')).toHaveLength(2)
  })

  test('2.4 cancellation of a registration: Contact * and Expires 0 leave none', async () => {
    const dialogue = await Dialogue.start(USERS)
    await register(dialogue, [`Contact: ${HOME}, ${OFFICE}`])
    const { statuses, contacts } = await register(dialogue, ['Contact: *', 'Expires: 0'])
    expect([statuses, contacts]).toEqual([[401, 200], new Set()])
    expect(dialogue.pair.bob.contactsOf('bob')).toEqual([])
  })

  test('2.5 unsuccessful registration: wrong credentials get a new challenge, and no binding', async () => {
    const dialogue = await Dialogue.start(USERS)
    const { statuses } = await register(dialogue, [`Contact: ${HOME}`], 'atlanta')
    expect(statuses).toEqual([401, 401])
    expect(dialogue.pair.bob.contactsOf('bob')).toEqual([])
  })
})

describe('§2 with us as Bob', () => {
  const CHALLENGE =
    'WWW-Authenticate: Digest realm="biloxi", nonce="ea9c8e88", opaque="", stale=FALSE, algorithm=MD5, qop="auth"'

  /** Bob's REGISTER was answered with a challenge; his second one, with credentials. */
  async function challenged() {
    const account = { name: 'biloxi', registrar: '10.0.0.9', username: 'bob', password: 'zanzibar', expiresS: 7200 }
    const dialogue = await Dialogue.start({ staticTrunks: [], registrations: [account] })
    await dialogue.advance(1)
    const registers = () => dialogue.peer.requests('REGISTER')
    dialogue.peer.answer(registers()[0]!, 401, [CHALLENGE])
    await dialogue.advance(1)
    const answer = async (status: number, fields: readonly string[] = []) => {
      dialogue.peer.answer(registers().at(-1)!, status, fields)
      await dialogue.advance(1)
    }
    return { dialogue, registers, answer, client: dialogue.pair.bob.registrations[0]! }
  }

  test('2.1: the same Call-ID, the next CSeq, credentials; registered by the 200', async () => {
    const { registers, answer, client } = await challenged()
    const [first, second] = registers()
    expect([second!.callId, second!.cseq.number]).toEqual([first!.callId, first!.cseq.number + 1])
    expect(second!.headers.get('Authorization')).toMatch(/^Digest username="bob", realm="biloxi", nonce="ea9c8e88"/)
    expect(client.state).toBe('registering')
    await answer(200, [`Contact: ${second!.headers.get('Contact')}`])
    expect(client.state).toBe('registered')
  })

  test('2.2 and 2.3: of a list of contacts only our own says when to refresh', async () => {
    const { dialogue, registers, answer } = await challenged()
    const own = registers()[1]!.headers.get('Contact')!.replace('expires=7200', 'expires=600')
    await answer(200, ['Contact: <sip:bob@192.0.2.4>;expires=60', `Contact: ${own}`])
    await dialogue.advance(500_000)
    expect(registers()).toHaveLength(2)
    await dialogue.advance(61_000)
    expect(registers().length).toBeGreaterThan(2)
  })

  test('2.4: on stop the Contact goes out with expires=0', async () => {
    const { dialogue, registers, answer } = await challenged()
    await answer(200)
    const stopped = dialogue.pair.stop()
    await dialogue.advance(1)
    expect(registers().at(-1)!.headers.get('Contact')).toMatch(/;expires=0$/)
    await answer(200)
    await dialogue.advance(5000)
    await stopped
  })

  test('2.5: a second challenge of the same realm is a failure; no third try with the same password', async () => {
    const { dialogue, registers, answer, client } = await challenged()
    await answer(401, [CHALLENGE])
    expect([client.state, client.lastStatus]).toEqual(['failed', 401])
    await dialogue.advance(1000)
    expect(registers()).toHaveLength(2)
  })
})
