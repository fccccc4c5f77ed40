import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { ConfigError, ParseError } from '../../src/base/errors.ts'
import { AddressList } from '../../src/net/address-list.ts'
import { parseParams, quote, splitOutsideQuotes, unquote } from '../../src/sip/message/grammar.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { acceptsSdp, type SipRequest, type SipResponse } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parser.ts'
import { q850Of, reasonHeaders, reasonText } from '../../src/sip/message/reason.ts'
import { parseHostPort } from '../../src/sip/message/uri.ts'
import { callerOf, diversionOf } from '../../src/sip/session/caller-identity.ts'
import { dtmfOf } from '../../src/sip/session/info-dtmf.ts'
import { SessionTimer } from '../../src/sip/session/session-timer.ts'
import { head } from './raw-peer.ts'

/** Values of single header fields, whatever stands in them: they are read, or refused with `ParseError`, or count as absent. */

/** Pieces that mean something to one of the readers, in any order and with anything between them. */
const soup = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        'Q.850',
        'SIP',
        ';cause=',
        '16',
        '200',
        ';text=',
        '"',
        '\\',
        ';',
        ',',
        '=',
        '<',
        '>',
        'sip:1@h',
        '%3B',
        '?',
      ),
      fc.constantFrom(
        ';refresher=uac',
        '1800',
        '90',
        ';privacy=full',
        'Reason=SIP%3Bcause%3D302',
        'Signal=',
        'Duration=',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll(/[\r\n]/g, ' '))

const NAMES = ['Reason', 'Session-Expires', 'Min-SE', 'Supported', 'Require', 'Accept', 'Privacy']
const IDENTITIES = ['P-Asserted-Identity', 'Remote-Party-ID', 'Diversion', 'History-Info']

function requestWith(fields: readonly (readonly [string, string])[], body = '', type = ''): SipRequest {
  const typed = type === '' ? [] : [`Content-Type: ${type}`]
  const lines = head('INVITE', { extra: [...fields.map(([name, value]) => `${name}: ${value}`), ...typed] })
  return parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)) as SipRequest
}

/** Runs `read`; a `ParseError` is an answer, too. */
function attempt<T>(read: () => T): T | ParseError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ParseError) return error
    throw error
  }
}

describe('grammar', () => {
  test('parameters, host and port, lists: read or refused', () => {
    fc.assert(
      fc.property(soup, (text) => {
        for (const read of [parseParams, parseHostPort]) attempt<unknown>(() => read(text))
        const parts = attempt(() => splitOutsideQuotes(text, ','))
        if (!(parts instanceof ParseError)) expect(parts.join(',').replaceAll(' ', '')).toBe(text.replaceAll(/\s/g, ''))
      }),
    )
  })

  test('what is quoted is unquoted to what it was, control characters as spaces', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
        expect(unquote(quote(text))).toBe(text.replaceAll(/[\x00-\x1f\x7f]/g, ' '))
        expect(splitOutsideQuotes(quote(text), ',')).toHaveLength(1)
      }),
    )
  })
})

describe('header fields that never make a message bad', () => {
  test('Reason: a cause from 0 to 127, or none; what we write is read back', () => {
    fc.assert(
      fc.property(soup, fc.nat(127), fc.string(), (text, q850, why) => {
        const cause = q850Of(Headers.of([['Reason', text]]))
        if (cause !== undefined) expect(cause >= 0 && cause <= 127).toBe(true)
        reasonText(Headers.of([['Reason', text]]))
        const written = Headers.of(reasonHeaders({ q850, text: why }))
        expect(q850Of(written)).toBe(q850)
        expect(reasonText(written)).toBe(unquote(quote(why)))
      }),
    )
  })

  test('who calls and who sent the call on', () => {
    const fields = fc.array(fc.tuple(fc.constantFrom(...IDENTITIES, ...NAMES), soup), { maxLength: 6 })
    fc.assert(
      fc.property(fields, fc.boolean(), (values, isTrusted) => {
        const request = requestWith(values)
        expect(typeof callerOf(request, isTrusted).party.user).toBe('string')
        expect(diversionOf(request)?.party.user ?? '').toBeTypeOf('string')
      }),
    )
  })

  test('Accept: yes or no', () => {
    fc.assert(
      fc.property(soup, (text) => {
        expect(attempt(() => acceptsSdp(Headers.of([['Accept', text]])))).not.toBeUndefined()
      }),
    )
  })

  test('session timer: an interval from 90 s to a day, whatever is asked for', () => {
    const fields = fc.array(fc.tuple(fc.constantFrom('Session-Expires', 'Min-SE', 'Supported', 'Require'), soup), {
      maxLength: 5,
    })
    fc.assert(
      fc.property(fields, fc.boolean(), (values, isAnswer) => {
        const timer = new SessionTimer(new VirtualClock(), 1800, { refresh: () => {}, expired: () => {} })
        const { headers } = requestWith(values)
        const said = attempt(() => {
          if (isAnswer) timer.agreed({ headers } as SipResponse)
          else timer.agree({ headers } as SipRequest)
          return timer.requestFields()
        })
        timer.stop()
        if (said instanceof ParseError) return
        const seconds = Number.parseInt(said[0]![1], 10)
        expect(seconds).toBeLessThanOrEqual(86_400)
        expect(seconds).toBeGreaterThanOrEqual(90)
      }),
    )
  })
})

test('INFO: one digit of at most 8 s, or none', () => {
  const types = fc.constantFrom('application/dtmf-relay', 'application/dtmf', 'text/plain', '')
  fc.assert(
    fc.property(fc.oneof(soup, fc.constantFrom('Signal=5\r\nDuration=160', 'Signal=11', '*')), types, (body, type) => {
      const digit = dtmfOf(requestWith([], body, type))
      if (!digit) return
      expect(digit.digit).toMatch(/^[0-9A-D*#]$/)
      expect(digit.durationMs >= 0 && digit.durationMs <= 8000).toBe(true)
    }),
  )
})

test('address blocks: a list, or a ConfigError; any text is in it or not', () => {
  const block = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('10.0.0.0/8', '2001:db8::/32', '::ffff:10.0.0.1'), soup)
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), fc.oneof(block, fc.constant('fe80::1%eth0')), (blocks, address) => {
      try {
        expect(new AddressList(blocks).has(address)).toBeTypeOf('boolean')
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError)
      }
    }),
  )
})
