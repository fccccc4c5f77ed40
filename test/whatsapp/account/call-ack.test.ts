import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import { PendingCallQueries, resultOfCallAck } from '../../../src/whatsapp/account/call-ack.ts'
import type { WaNode } from '../../../src/whatsapp/wa-client.ts'

const ack = (attrs: Record<string, string>, content?: WaNode[]): WaNode => ({
  tag: 'ack',
  attrs: { class: 'call', id: 'A1', ...attrs },
  content,
})
const call = (id: string): WaNode => ({ tag: 'call', attrs: { id } })
const sent = async () => {}

describe('the ack of a call stanza', () => {
  it.each<[string, WaNode, ReturnType<typeof resultOfCallAck>['kind'], number | undefined]>([
    ['accepts', ack({ type: 'offer' }, [{ tag: 'relay', attrs: {} }]), 'ack', undefined],
    ['refuses by child', ack({}, [{ tag: 'error', attrs: { code: '439' } }]), 'error', 439],
    ['refuses by attribute', ack({ error: '463' }), 'error', 463],
    [
      'refuses by both, the child counts',
      ack({ error: '1' }, [{ tag: 'error', attrs: { code: '439' } }]),
      'error',
      439,
    ],
    ['refuses without a code', ack({}, [{ tag: 'error', attrs: {} }]), 'error', 0],
    ['refuses with something else than a code', ack({ error: 'no' }), 'error', 0],
    ['is beyond all bounds', ack({ error: '4'.repeat(5000) }), 'error', 0],
  ])('%s', (_, node, kind, code) => {
    const result = resultOfCallAck(node)
    expect(result.kind).toBe(kind)
    expect(result.kind === 'error' ? result.code : undefined).toBe(code)
  })

  it('settles the stanza it names, once', async () => {
    const clock = new VirtualClock()
    const queries = new PendingCallQueries(clock)
    const first = queries.ask(call('A1'), 1000, sent)
    const second = queries.ask(call('A2'), 1000, sent)
    queries.settle(ack({}))
    queries.settle(ack({ error: '500' }))
    queries.settle({ tag: 'ack', attrs: {} })
    expect(await first).toEqual({ kind: 'ack', ack: ack({}) })
    await clock.advance(1000)
    expect(await second).toEqual({ kind: 'timeout' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('is waited for no longer when the connection is gone or the stanza could not be sent', async () => {
    const clock = new VirtualClock()
    const queries = new PendingCallQueries(clock)
    const failed = queries.ask(call('A1'), 1000, () => Promise.reject(new Error('closed')))
    const cut = queries.ask(call('A2'), 1000, sent)
    expect(await failed).toEqual({ kind: 'offline' })
    queries.settleAllOffline()
    expect(await cut).toEqual({ kind: 'offline' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes no stanza without an id: nothing could name it', () => {
    const queries = new PendingCallQueries(new VirtualClock())
    expect(() => queries.ask({ tag: 'call', attrs: {} }, 1000, sent)).toThrow(TypeError)
  })
})
