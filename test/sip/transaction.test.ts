import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { request, type SipMessage, type SipRequest } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parser.ts'
import { responseTo } from '../../src/sip/message/response.ts'
import { serialize } from '../../src/sip/message/serializer.ts'
import { TransactionLayer } from '../../src/sip/transaction/layer.ts'
import type { ServerTransaction } from '../../src/sip/transaction/server-transaction.ts'
import { RFC_TIMERS } from '../../src/sip/transaction/timers.ts'
import type { Flow } from '../../src/sip/transport/transport.ts'

let clock: VirtualClock
let layer: TransactionLayer
let sent: { atMs: number; message: SipMessage }[]
let served: ServerTransaction[]
let acks: SipRequest[]
let heard: (number | string)[]
let breakFlow: () => void

beforeEach(() => {
  clock = new VirtualClock()
  ;[sent, served, acks, heard] = [[], [], [], []]
  const options = {
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    timers: RFC_TIMERS,
    maxTransactions: 100,
    maxMessageBytes: 65_535,
  }
  layer = new TransactionLayer(options, {
    onRequest: (transaction) => void served.push(transaction),
    onAck: (ack) => void acks.push(ack),
    onCancel: () => {},
  })
})

/** A datagram path, or a connection that can break. */
function flow(reliable = false): Flow {
  const path: Flow = {
    transport: reliable ? 'tcp' : 'udp',
    reliable,
    local: { address: '10.0.0.1', port: 5060 },
    remote: { address: '10.0.0.2', port: 5060 },
    isOpen: true,
    send: (bytes) => void sent.push({ atMs: clock.nowMs(), message: parseMessage(bytes) }),
    answering: () => path,
    onFailure: (handler) => {
      breakFlow = handler
      return () => {
        breakFlow = () => {}
      }
    },
  }
  return path
}

const user = {
  onResponse: ({ status }: { status: number }) => void heard.push(status),
  onFailure: (why: string) => void heard.push(why),
}

function send(method: string, reliable = false) {
  const headers = Headers.of([
    ['Max-Forwards', '70'],
    ['From', '<sip:a@h>;tag=1'],
    ['To', '<sip:b@h>'],
    ['Call-ID', 'x'],
    ['CSeq', `1 ${method}`],
    ['Route', '<sip:p;lr>'],
  ])
  return layer.request(request(method, 'sip:b@h', headers), flow(reliable), '10.0.0.1:5060', user)
}

const sentTimes = () => sent.map(({ atMs }) => atMs)
const lastRequest = () => sent.map(({ message }) => message).findLast((message) => message.kind === 'request')!

function answer(status: number, tag = 'b') {
  layer.receive(serialize(responseTo(lastRequest() as SipRequest, status, { toTag: tag })), flow())
}

function receive(method: string, branch = 'z9hG4bKx', reliable = false) {
  const headers = Headers.of([
    ['Via', `SIP/2.0/UDP 10.0.0.2:5060;branch=${branch}`],
    ['From', '<sip:a@h>;tag=1'],
    ['To', '<sip:b@h>'],
    ['Call-ID', 'y'],
    ['CSeq', `1 ${method}`],
  ])
  layer.receive(serialize(request(method, 'sip:b@h', headers)), flow(reliable))
}

const statuses = () => sent.map(({ message }) => (message.kind === 'response' ? message.status : message.method))

describe('client', () => {
  test('INVITE: timer A doubles, B ends it at 64 × T1', async () => {
    send('INVITE')
    await clock.advance(40_000)
    expect(sentTimes()).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500])
    expect(heard).toEqual(['timeout'])
    expect([layer.clientCount, clock.pendingTimers]).toEqual([0, 0])
  })

  test('INVITE: after a provisional answer neither A nor B runs', async () => {
    send('INVITE')
    answer(180)
    await clock.advance(100_000)
    expect(sentTimes()).toEqual([0])
    expect(heard).toEqual([180])
  })

  test('INVITE refused: ACK with the same branch and Route, again for 32 s (timer D), then gone', async () => {
    send('INVITE')
    const invite = lastRequest()
    answer(486, 'fork')
    const ack = lastRequest()
    expect(ack).toMatchObject({ method: 'ACK', cseq: { number: 1, method: 'ACK' }, via: { branch: invite.via.branch } })
    expect(ack.headers.lines('Route')).toEqual(['<sip:p;lr>'])
    expect(ack.to.params.get('tag')).toBe('fork')
    await clock.advance(31_999)
    layer.receive(serialize(responseTo(invite as SipRequest, 486, { toTag: 'fork' })), flow())
    expect(statuses()).toEqual(['INVITE', 'ACK', 'ACK'])
    await clock.advance(1)
    expect([heard, layer.clientCount]).toEqual([[486], 0])
  })

  test('INVITE accepted: every 2xx goes up for 64 × T1 (timer M), a late 1xx does not', async () => {
    send('INVITE')
    for (const [status, tag] of [
      [200, 'a'],
      [200, 'a'],
      [180, 'a'],
      [200, 'b'],
      [486, 'c'],
    ] as const)
      answer(status, tag)
    expect(heard).toEqual([200, 200, 200])
    await clock.advance(32_000)
    expect([layer.clientCount, clock.pendingTimers]).toEqual([0, 0])
  })

  test('others: timer E doubles up to T2, F ends it', async () => {
    send('OPTIONS')
    await clock.advance(40_000)
    expect(sentTimes()).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
    expect(heard).toEqual(['timeout'])
  })

  test('others: after a provisional answer E stays at T2', async () => {
    send('OPTIONS')
    answer(100)
    await clock.advance(9000)
    expect(sentTimes()).toEqual([0, 500, 4500, 8500])
  })

  test('others: repeated answers are absorbed for T4 (timer K)', async () => {
    send('OPTIONS')
    answer(200)
    answer(200)
    expect([heard, layer.clientCount]).toEqual([[200], 1])
    await clock.advance(5000)
    expect([layer.clientCount, clock.pendingTimers]).toEqual([0, 0])
  })

  test.each(['INVITE', 'OPTIONS'])(
    '%s over a connection: nothing is repeated, the end comes at once',
    async (method) => {
      send(method, true)
      await clock.advance(31_000)
      expect(sentTimes()).toEqual([0])
      answer(404)
      expect([heard, layer.clientCount, clock.pendingTimers]).toEqual([[404], 0, 0])
    },
  )

  test.each(['INVITE', 'OPTIONS'])('%s: a broken connection is told once', (method) => {
    send(method, true)
    breakFlow()
    breakFlow()
    expect([heard, layer.clientCount, clock.pendingTimers]).toEqual([['transport'], 0, 0])
  })

  test('an answer with two Vias, another branch or another method is not ours', () => {
    send('OPTIONS')
    const real = responseTo(lastRequest() as SipRequest, 200)
    const wrong = [
      real.headers.clone().append('Via', 'SIP/2.0/UDP h;branch=z9hG4bKother'),
      real.headers.clone().replaceFirst('Via', 'SIP/2.0/UDP h;branch=z9hG4bKother'),
      real.headers.clone().replaceFirst('CSeq', '1 INVITE'),
    ]
    for (const headers of wrong) layer.receive(serialize({ ...real, headers }), flow())
    expect(heard).toEqual([])
  })

  test('branches are unique and have the magic cookie', () => {
    for (let i = 0; i < 100; i++) send('OPTIONS')
    const branches = sent.map(({ message }) => message.via.branch)
    expect(new Set(branches).size).toBe(100)
    expect(branches.every((branch) => branch.startsWith('z9hG4bK'))).toBe(true)
  })
})

describe('server', () => {
  const respond = (status: number) => served[0]!.respond(responseTo(served[0]!.request, status, { toTag: 't' }))

  test('INVITE refused: timer G repeats up to T2, H gives up', async () => {
    receive('INVITE')
    respond(486)
    await clock.advance(40_000)
    expect(sentTimes()).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
    expect([layer.serverCount, clock.pendingTimers]).toEqual([0, 0])
  })

  test('INVITE refused and ACKed: silence, and further ACKs absorbed for T4 (timer I)', async () => {
    receive('INVITE')
    respond(486)
    receive('ACK')
    receive('ACK')
    await clock.advance(4999)
    expect([statuses(), acks, layer.serverCount]).toEqual([[486], [], 1])
    await clock.advance(1)
    expect(layer.serverCount).toBe(0)
  })

  test('INVITE accepted: repeated ones are absorbed, ACKs go up, timer L ends it', async () => {
    receive('INVITE')
    respond(200)
    receive('INVITE')
    expect(statuses()).toEqual([200])
    receive('ACK')
    receive('ACK', 'z9hG4bKown')
    expect(acks).toHaveLength(2)
    await clock.advance(32_000)
    expect([layer.serverCount, clock.pendingTimers]).toEqual([0, 0])
  })

  test('others: the answer is repeated on request for 64 × T1 (timer J)', async () => {
    receive('OPTIONS')
    receive('OPTIONS')
    expect(statuses()).toEqual([])
    respond(200)
    receive('OPTIONS')
    expect(statuses()).toEqual([200, 200])
    await clock.advance(32_000)
    receive('OPTIONS')
    expect(served).toHaveLength(2)
  })

  test('a final answer is final', () => {
    for (const method of ['INVITE', 'OPTIONS']) {
      receive(method, `z9hG4bK${method}`)
      const transaction = served.at(-1)!
      for (const status of [404, 200, 180]) transaction.respond(responseTo(transaction.request, status))
      expect(transaction.isAnswered).toBe(true)
    }
    expect(statuses()).toEqual([404, 404])
  })

  test('over a connection nothing is repeated by itself', async () => {
    receive('INVITE', 'z9hG4bKt', true)
    respond(486)
    receive('ACK', 'z9hG4bKt', true)
    await clock.advance(1)
    expect([statuses(), layer.serverCount, clock.pendingTimers]).toEqual([[486], 0, 0])
  })

  test('close ends everything without a word', () => {
    receive('INVITE')
    receive('OPTIONS', 'z9hG4bKy')
    send('INVITE')
    send('OPTIONS')
    layer.close()
    expect([layer.serverCount, layer.clientCount, clock.pendingTimers, heard]).toEqual([0, 0, 0, []])
  })
})
