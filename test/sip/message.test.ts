import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ParseError, type TandemError } from '../../src/base/errors.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { request } from '../../src/sip/message/message.ts'
import { parseMessage, splitMessage } from '../../src/sip/message/parser.ts'
import { q850Of, reasonHeaders, reasonText, sipCauseOf } from '../../src/sip/message/reason.ts'
import { responseTo } from '../../src/sip/message/response.ts'
import { serialize } from '../../src/sip/message/serializer.ts'

const lines = (...text: string[]) => Buffer.from(`${text.join('\r\n')}\r\n\r\n`)

const INVITE = [
  'INVITE sip:15551234567@192.0.2.10 SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.4;branch=z9hG4bKkdjuw',
  'From: "J Rosenberg" <sip:jdrosen@example.com>;tag=98asjd8',
  'To: sip:vivekg@chair-dnrc.example.com',
  'Call-ID: wsinv.ndaksdj@192.0.2.1',
  'CSeq: 9 INVITE',
]

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(ParseError)
    return (error as TandemError).code
  }
  return 'none'
}

describe('parser', () => {
  test('compact names, folding, odd spaces and odd case read the same', () => {
    const message = parseMessage(
      lines(
        'INVITE sip:a@b SIP/2.0',
        'v:  SIP  / 2.0  / UDP 192.0.2.2:4000  ;branch=z9hG4bK1 , SIP/2.0/TCP c;branch=z9hG4bK2',
        'f : "Quoted \\" \\\\ " <sip:x@y>;',
        '  tag = 98asjd8',
        'TO:',
        ' sip:v@w ;   tag    = 1918181833n',
        'i: id@h',
        'cseq: 0009',
        '  INVITE',
        'S:',
      ),
    )
    expect(message.via).toMatchObject({ transport: 'UDP', host: '192.0.2.2', port: 4000, branch: 'z9hG4bK1' })
    expect(message.from.displayName).toBe('Quoted " \\ ')
    expect(message.from.params.get('tag')).toBe('98asjd8')
    expect(message.to.params.get('tag')).toBe('1918181833n')
    expect(message.cseq).toEqual({ number: 9, method: 'INVITE' })
    expect(message.headers.list('Via')).toHaveLength(2)
    expect(message.headers.get('Subject')).toBe('')
  })

  test('the body ends where Content-Length says', () => {
    const bytes = Buffer.from(`${[...INVITE, 'Content-Length: 4'].join('\r\n')}\r\n\r\nbodyXXXX`)
    expect(Buffer.from(parseMessage(bytes).body).toString()).toBe('body')
  })

  test('CRLFs before the start line are skipped', () => {
    expect(parseMessage(Buffer.concat([Buffer.from('\r\n\r\n'), lines(...INVITE)])).kind).toBe('request')
  })

  test.each([
    ['no empty line', Buffer.from(INVITE.join('\r\n')), 'parse.sip-framing'],
    ['a body shorter than it says', lines(...INVITE, 'Content-Length: 5'), 'parse.sip-framing'],
    ['a negative length', lines(...INVITE, 'Content-Length: -1'), 'parse.sip-number'],
    ['no Call-ID', lines(...INVITE.filter((l) => !l.startsWith('Call-ID'))), 'parse.sip-header'],
    ['two From', lines(...INVITE, 'From: <sip:other@x>'), 'parse.sip-header'],
    ['a CSeq of another method', lines(...INVITE.with(5, 'CSeq: 9 BYE')), 'parse.sip-cseq'],
    ['a CSeq too large', lines(...INVITE.with(5, 'CSeq: 36893488147419103232 INVITE')), 'parse.sip-number'],
    ['an URI in angle brackets', lines(...INVITE.with(0, 'INVITE <sip:user@example.com> SIP/2.0')), 'parse.sip-uri'],
    [
      'spaces within the URI',
      lines(...INVITE.with(0, 'INVITE sip:user@example.com; lr SIP/2.0')),
      'parse.sip-start-line',
    ],
    ['an open quote', lines(...INVITE.with(2, 'From: "Mr. J. <sip:u@e.com>;tag=1')), 'parse.sip-header'],
    ['a status of 9 digits', lines(...INVITE.with(0, 'SIP/2.0 4294967301 better not break')), 'parse.sip-start-line'],
    ['Max-Forwards 300', lines(...INVITE, 'Max-Forwards: 300'), 'parse.sip-number'],
    ['a line of 5000', lines(...INVITE, `X: ${'a'.repeat(5000)}`), 'parse.sip-too-large'],
    ['200 header lines', lines(...INVITE, ...Array<string>(200).fill('X: y')), 'parse.sip-too-large'],
    ['20 kB of headers', lines(...INVITE, ...Array<string>(20).fill(`X: ${'a'.repeat(1000)}`)), 'parse.sip-too-large'],
    [
      '100 parameters',
      lines(
        ...INVITE.with(3, `To: <sip:a@b>${';p'.repeat(1)}${Array.from({ length: 100 }, (_, i) => `;p${i}`).join('')}`),
      ),
      'parse.sip-param',
    ],
  ])('%s is refused', (_, bytes, code) => {
    expect(codeOf(() => parseMessage(bytes))).toBe(code)
  })

  test('bytes of any kind give a message or a ParseError', () => {
    const fragments = fc.constantFrom(
      ...INVITE,
      'Via: ',
      'To:',
      '\r\n',
      '\r\n\r\n',
      ' ',
      ';',
      '"',
      '<',
      '>',
      ',',
      'SIP/2.0 200 OK',
      '%',
      '\0',
      'é',
    )
    const soup = fc.array(fc.oneof(fragments, fc.string())).map((parts) => Buffer.from(parts.join('')))
    const mutated = fc
      .tuple(fc.nat(300), fc.string({ maxLength: 4 }))
      .map(
        ([at, text]) =>
          lines(...INVITE)
            .toString()
            .slice(0, at) +
          text +
          lines(...INVITE)
            .toString()
            .slice(at),
      )
      .map((text) => Buffer.from(text))
    fc.assert(
      fc.property(fc.oneof(soup, mutated, fc.uint8Array({ maxLength: 600 })), (bytes) => {
        try {
          expect(['request', 'response']).toContain(parseMessage(bytes).kind)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('serializer', () => {
  test('what it writes the parser reads back', () => {
    const value = fc.string({ minLength: 1, unit: 'grapheme', maxLength: 60 }).filter((text) => text.trim() !== '')
    fc.assert(
      fc.property(fc.array(value, { maxLength: 8 }), fc.string({ unit: 'grapheme' }), (values, body) => {
        const headers = Headers.of([
          ['Via', 'SIP/2.0/UDP h;branch=z9hG4bK1'],
          ['From', '<sip:a@b>;tag=1'],
          ['To', '<sip:c@d>'],
          ['Call-ID', 'x'],
          ['CSeq', '1 INFO'],
          ...values.map((text) => ['X-Any', text] as const),
        ])
        const message = parseMessage(serialize(request('INFO', 'sip:c@d', headers, body)))
        expect(message.headers.lines('X-Any')).toEqual(headers.lines('X-Any').map((text) => text.trim()))
        expect(Buffer.from(message.body).toString()).toBe(body)
      }),
    )
  })

  test('a value cannot start a header of its own', () => {
    const headers = new Headers().append('Subject', 'hello\r\nX-Evil: 1\r\n\r\nbody')
    expect(splitMessage(serialize({ startLine: 'SIP/2.0 200 OK', headers })).headers.has('X-Evil')).toBe(false)
  })
})

test('an answer carries Via, From, To with a tag, Call-ID and CSeq of the request', () => {
  const message = parseMessage(lines(...INVITE.toSpliced(2, 0, 'Via: SIP/2.0/UDP other;branch=z9hG4bK2')))
  if (message.kind !== 'request') throw new Error('not a request')
  const response = parseMessage(
    serialize(responseTo(message, 486, { toTag: 'abc', headers: [['Reason', 'Q.850;cause=17']] })),
  )
  expect(response).toMatchObject({ kind: 'response', status: 486, reason: 'Busy Here', callId: message.callId })
  expect(response.headers.lines('Via')).toEqual(message.headers.lines('Via'))
  expect(response.to.params.get('tag')).toBe('abc')
  expect(responseTo(message, 100, { toTag: 'abc' }).headers.get('To')).toBe(message.headers.get('To'))
})

describe('Reason (RFC 3326)', () => {
  const reason = (...values: string[]) => Headers.of(values.map((value) => ['Reason', value] as const))

  test.each([
    ['Q.850;cause=16;text="Terminated"', 16],
    ['q.850 ; text="a,b" ; cause = 17', 17],
    ['SIP;cause=200, Q.850;cause=0', 0],
    ['Q.850;cause=128', undefined],
    ['Q.850', undefined],
    ['Q.850;cause=abc', undefined],
    ['"', undefined],
  ])('%s', (value, cause) => {
    expect(q850Of(reason(value))).toBe(cause)
  })

  test('SIP and Q.850 stand together, the text is quoted', () => {
    const headers = Headers.of(reasonHeaders({ sip: 200, q850: 26, text: 'say "hi"' }))
    expect([q850Of(headers), sipCauseOf(headers), reasonText(headers)]).toEqual([26, 200, 'say "hi"'])
    expect(reasonHeaders(undefined)).toEqual([])
  })
})
