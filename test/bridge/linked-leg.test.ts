import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { Call } from '../../src/bridge/call.ts'
import type { Transfer } from '../../src/bridge/leg.ts'
import { transferBetween } from '../../src/bridge/sip-transfer.ts'
import type { TransferRequest } from '../../src/sip/sip-engine.ts'
import { FakeLeg } from './fakes.ts'

/** Two calls of one phone, each with a WhatsApp party; the phone asks for both parties to be joined. */
function consulted() {
  const call = (account: string, sample: number) => {
    const phone = new FakeLeg('sip')
    const party = new FakeLeg('whatsapp', sample)
    const parties = { correlationId: account, direction: 'outbound', account, from: '100', to: '49170' } as const
    const made = new Call(parties, { caller: phone, callee: party }, silentLogger, () => 0)
    return { call: made, phone, party }
  }
  const first = call('a', 0.25)
  const second = call('b', 0.5)
  const told: string[] = []
  const request: TransferRequest = {
    user: '600',
    replaces: 'x;to-tag=1;from-tag=2',
    joins: undefined,
    referredBy: undefined,
    accept: () => told.push('accept'),
    reject: (status) => told.push(`reject ${status}`),
    progress: (status) => told.push(`progress ${status}`),
  }
  const refer = (ask = (transfer: Transfer) => second.phone.events.emit({ type: 'transfer', transfer })) =>
    first.phone.events.emit({ type: 'transfer', transfer: transferBetween(request, ask) })
  const answer = () => {
    for (const { party } of [first, second]) party.events.emit({ type: 'answered' })
  }
  return { first, second, told, refer, answer }
}

function heardBy(leg: FakeLeg): number {
  const block = new Float32Array(4)
  leg.heard!.pull(block)
  return block[0]!
}

describe('attended transfer between two WhatsApp calls', () => {
  it('the parties hear each other, the phone leaves both calls, each call keeps its record', () => {
    const { first, second, told, refer, answer } = consulted()
    answer()
    refer()
    expect(told).toEqual(['accept', 'progress 200'])
    expect([first.phone.done.at(-1), second.phone.done.at(-1)]).toEqual(['end normal', 'end normal'])
    expect([heardBy(first.party), heardBy(second.party)]).toEqual([0.5, 0.25])
    expect([first.call.record, second.call.record]).toMatchObject([
      { state: 'up', account: 'a' },
      { state: 'up', account: 'b' },
    ])
    expect([first.party.done, second.party.done]).toEqual([['resume'], ['resume']])
  })

  it.each(['first', 'second'] as const)('one party hangs up (%s): both calls are over', async (who) => {
    const { refer, answer, ...calls } = consulted()
    answer()
    refer()
    calls[who].party.events.emit({ type: 'ended', cause: 'normal' })
    for (const { call, party } of [calls.first, calls.second]) {
      expect(call.record).toMatchObject({ state: 'ended', cause: 'normal' })
      await call.end('shutting-down')
      expect(party.done.filter((what) => what.startsWith('end'))).toEqual(['end normal'])
    }
  })

  it('a hold of one is heard by the other; digits pass', () => {
    const { first, second, refer, answer } = consulted()
    answer()
    refer()
    first.party.events.emit({ type: 'held', held: true })
    second.party.events.emit({ type: 'dtmf', digit: '5', durationMs: 100 })
    expect(second.party.done.at(-1)).toBe('hold')
    expect(first.party.done.at(-1)).toBe('dtmf 5 100')
  })

  it('the other call is not up: 403 in the NOTIFY, and both are as they were', () => {
    const { first, second, told, refer } = consulted()
    first.party.events.emit({ type: 'answered' })
    refer()
    expect(told).toEqual(['accept', 'progress 403'])
    expect([first.phone.done, second.phone.done]).toEqual([['answer'], []])
    expect(first.call.record.state).toBe('up')
    expect(first.party.heard).toBe(first.phone.audio)
  })

  it('the other call has gone without a word: the same', () => {
    const { first, told, refer, answer } = consulted()
    answer()
    refer(() => {})
    expect(told).toEqual(['accept', 'progress 403'])
    expect(first.call.record.state).toBe('up')
  })

  it('the first call has no room for a transfer: refused, the other is not asked', () => {
    const { told, refer } = consulted()
    refer(() => expect.unreachable())
    expect(told).toEqual(['reject 403'])
  })

  it('an end is told once, and to nobody who has ended himself', async () => {
    const { first, second, refer, answer } = consulted()
    answer()
    refer()
    await Promise.all([first.call.end('shutting-down'), second.call.end('shutting-down')])
    expect([first.call.record.cause, second.call.record.cause]).toEqual(['shutting-down', 'shutting-down'])
  })
})
