import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MessageFramer } from '../../src/sip/transport/message-framer.ts'

const LIMIT = 2000

/** What a framer makes of the stream when it comes in these pieces. */
function framed(pieces: readonly Uint8Array[]) {
  const seen: string[] = []
  const framer = new MessageFramer(LIMIT, {
    onMessage: (bytes) => void seen.push(Buffer.from(bytes).toString('latin1')),
    onPing: () => void seen.push('ping'),
    onPong: () => void seen.push('pong'),
  })
  const isAlive = pieces.every((piece) => framer.push(piece))
  return { seen, isAlive, isWaiting: framer.isWaiting }
}

function cut(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...new Set([0, ...cuts.map((share) => Math.floor(share * stream.length)), stream.length])]
  at.sort((a, b) => a - b)
  return at.slice(1).map((end, i) => stream.subarray(at[i], end))
}

const message = (body: string, header = 'Content-Length') =>
  `OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\n${header}: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const item = fc.oneof(
  fc
    .tuple(fc.string({ maxLength: 80 }), fc.constantFrom('Content-Length', 'l', 'CONTENT-LENGTH ', 'L'))
    .map(([body, header]) => message(body, header)),
  fc.constant('\r\n'),
  fc.constant('SIP/2.0 200 OK\r\nCall-ID: no length\r\n\r\n'),
)
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 })

describe('framing', () => {
  test('any split gives the same messages, whole', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), cuts, (items, at) => {
        const stream = Buffer.from(items.join(''))
        const { seen, isAlive, isWaiting } = framed(cut(stream, at))
        expect({ isAlive, isWaiting }).toEqual({ isAlive: true, isWaiting: false })
        expect(seen.filter((text) => text.length > 4)).toEqual(
          items.filter((text) => text !== '\r\n').map((text) => Buffer.from(text).toString('latin1')),
        )
        expect(seen).toEqual(framed([stream]).seen)
      }),
    )
  })

  test('byte by byte', () => {
    const stream = Buffer.from(message('a body') + message(''))
    expect(framed([...stream].map((byte) => Uint8Array.of(byte))).seen).toEqual([message('a body'), message('')])
  })

  test('a double CRLF is a ping, a single one a pong', () => {
    expect(framed([Buffer.from('\r\n')]).seen).toEqual(['pong'])
    expect(framed([Buffer.from('\r\n\r\n')]).seen).toEqual(['pong', 'ping'])
    expect(framed([Buffer.from('\r'), Buffer.from('\n\r'), Buffer.from('\n')]).seen).toEqual(['pong', 'ping'])
  })

  test.each([
    ['a length beyond the limit', 'Content-Length: 5000'],
    ['no number', 'Content-Length: five'],
    ['two different ones', 'Content-Length: 5\r\nl: 6'],
  ])('%s: the head is handed over and the stream is lost', (_, lines) => {
    const head = `OPTIONS sip:a@b SIP/2.0\r\n${lines}\r\n\r\n`
    expect(framed([Buffer.from(`${head}and more`)])).toMatchObject({ seen: [head], isAlive: false })
  })

  test('a head without end is not collected for ever', () => {
    const line = Buffer.from('X: y\r\n'.repeat(1000))
    expect(framed([line, line, line]).isAlive).toBe(false)
  })

  test('whatever comes, nothing is thrown and nothing grows', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
        framed(pieces)
      }),
    )
  })
})
