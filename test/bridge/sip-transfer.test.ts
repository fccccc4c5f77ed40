import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { noTracer, tracerOfCall } from '../../src/base/tracer.ts'
import type { Leg } from '../../src/bridge/leg.ts'
import { callHeaders, trunkWishes } from '../../src/bridge/mapping/call-headers.ts'
import { targetsAt } from '../../src/bridge/routing.ts'
import { type TransferLegs, transferBy, transferTo } from '../../src/bridge/sip-transfer.ts'
import type { ExtraHeader, IncomingSession, RegisteredContact, SessionPeer } from '../../src/sip/sip-engine.ts'

const CONTEXT = {
  correlationId: 'c1',
  log: silentLogger,
  tracer: tracerOfCall(noTracer, 'c1'),
  whatsApp: { account: 'main', callId: 'ABC' },
}
const LEG = { side: 'sip' } as Leg
const TRUNK: SessionPeer = { kind: 'static-trunk', name: 'pbx' }

function transfer(found = true, wished: { replaces?: string; referredBy?: string } = {}) {
  const told: string[] = []
  let headers: readonly ExtraHeader[] = []
  const legs: TransferLegs = {
    dial: (_peer, user, call) => {
      headers = call.headers
      told.push(`find ${user}`)
      return found ? () => LEG : undefined
    },
    takeOver: () => LEG,
  }
  const request = {
    user: '600',
    replaces: wished.replaces,
    joins: undefined,
    referredBy: wished.referredBy,
    accept: () => told.push('accept'),
    reject: (status: number) => told.push(`reject ${status}`),
    progress: (status: number) => told.push(`progress ${status}`),
  }
  return { made: transferTo(request, TRUNK, { user: '49170' }, CONTEXT, legs), told, headers }
}

describe('a REFER on the bridge', () => {
  it('is accepted when the new party is dialled, and reports how it fares', () => {
    const { made, told } = transfer()
    expect(made!.begin()).toBe(LEG)
    made!.ringing()
    made!.done()
    expect(told).toEqual(['find 600', 'accept', 'progress 180', 'progress 200'])
  })

  it('reports the status that fits the cause, before and after it was accepted', () => {
    const later = transfer()
    later.made!.begin()
    later.made!.failed('extension-busy')
    expect(later.told.at(-1)).toBe('progress 486')
    const atOnce = transfer()
    atOnce.made!.failed('refused-by-policy')
    expect(atOnce.told.at(-1)).toBe('reject 403')
  })

  it('gets 404 when nobody can be dialled', () => {
    const { made, told } = transfer(false)
    expect(made).toBeUndefined()
    expect(told).toEqual(['find 600', 'reject 404'])
  })

  it('hands Replaces and Referred-By on', () => {
    const { headers } = transfer(true, { replaces: 'a;to-tag=1;from-tag=2', referredBy: '<sip:200@pbx>' })
    expect(headers).toEqual([
      { name: 'Replaces', value: 'a;to-tag=1;from-tag=2' },
      { name: 'Require', value: 'replaces' },
      { name: 'Referred-By', value: '<sip:200@pbx>' },
    ])
  })
})

it('an INVITE with Replaces that finds no place is refused with the cause’s status and reason', () => {
  const refused: unknown[] = []
  const session = { reject: (...what: unknown[]) => refused.push(what) } as unknown as IncomingSession
  const made = transferBy(session, CONTEXT, { dial: () => undefined, takeOver: () => LEG })
  expect([made.hasCalled, made.begin()]).toEqual([true, LEG])
  made.failed('shutting-down')
  expect(refused).toEqual([[503, { q850: 38, text: 'Service Unavailable', retryAfterS: 30 }]])
})

it('a transfer stays at the peer that asked for it', () => {
  const contact = { username: '600' } as RegisteredContact
  const sip = { contactsOf: (user: string) => (user === '600' ? [contact] : []) }
  expect(targetsAt(TRUNK, '600', sip)).toEqual([{ kind: 'trunk', trunk: 'pbx', user: '600' }])
  expect(targetsAt({ kind: 'registration', name: 'office' }, '600', sip)).toEqual([
    { kind: 'trunk', trunk: 'office', user: '600' },
  ])
  expect(targetsAt({ kind: 'user', username: '200' }, '600', sip)).toEqual([{ kind: 'contact', contact }])
  expect(targetsAt({ kind: 'user', username: '200' }, '601', sip)).toEqual([])
  expect(targetsAt({ kind: 'uri' }, '600', sip)).toEqual([])
})

describe('X- headers', () => {
  it('say what is known of the call', () => {
    expect(callHeaders(CONTEXT)).toEqual([
      { name: 'X-Correlation-ID', value: 'c1' },
      { name: 'X-WA-Account', value: 'main' },
      { name: 'X-WA-Call-ID', value: 'ABC' },
    ])
    expect(callHeaders({ ...CONTEXT, whatsApp: {} })).toHaveLength(1)
    expect(callHeaders({ ...CONTEXT, whatsApp: { device: 0 } })).toContainEqual({ name: 'X-WA-Device', value: '0' })
  })

  const session = (peer: SessionPeer, values: Record<string, string>) => ({
    peer,
    header: (name: string) => values[name],
  })

  it.each([
    ['a trunk is believed', TRUNK, 'abc-1.2', 'abc-1.2'],
    ['a phone is not', { kind: 'user', username: '200' }, 'abc', undefined],
    ['nor a value out of form', TRUNK, 'a b"\n', undefined],
    ['nor one too long', TRUNK, 'x'.repeat(65), undefined],
  ] as const)('%s', (_, peer, value, read) => {
    const wishes = trunkWishes(session(peer, { 'X-Correlation-ID': value, 'X-WA-Account': value }))
    expect(wishes).toEqual({ correlationId: read, account: read })
  })
})
