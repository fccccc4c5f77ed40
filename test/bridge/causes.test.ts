import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CallCause } from '../../src/bridge/cause.ts'
import { ALL_CAUSES, causeOfSipEnd, sipCause, unansweredEnding } from '../../src/bridge/mapping/causes.ts'
import { reasonPhrase } from '../../src/sip/message/response.ts'

describe('cause map', () => {
  const TABLE: readonly (readonly [CallCause, number, number])[] = [
    ['normal', 480, 16],
    ['busy', 486, 17],
    ['declined', 603, 21],
    ['no-answer', 480, 19],
    ['cancelled', 487, 16],
    ['answered-elsewhere', 487, 26],
    ['declined-elsewhere', 487, 21],
    ['not-on-whatsapp', 404, 1],
    ['invalid-number', 484, 28],
    ['emergency-number', 403, 21],
    ['premium-number', 403, 21],
    ['refused-by-policy', 403, 21],
    ['quiet-hours', 480, 21],
    ['stranger-limit', 480, 21],
    ['stranger-restricted', 480, 21],
    ['dial-limit', 503, 42],
    ['account-busy', 486, 17],
    ['account-logged-out', 503, 38],
    ['account-replaced', 503, 38],
    ['account-banned', 503, 38],
    ['account-offline', 503, 38],
    ['account-restricted', 503, 42],
    ['extension-not-found', 404, 1],
    ['extension-busy', 486, 17],
    ['extension-no-answer', 480, 19],
    ['extension-declined', 603, 21],
    ['extension-unreachable', 480, 20],
    ['no-common-codec', 488, 88],
    ['media-timeout', 480, 41],
    ['relay-lost', 480, 41],
    ['signalling-timeout', 504, 102],
    ['whatsapp-error', 502, 38],
    ['overload', 503, 42],
    ['shutting-down', 503, 38],
    ['internal-error', 500, 41],
  ]

  it('the table below is the whole map, and the manual says the same', () => {
    expect(TABLE.map(([cause]) => cause).sort()).toEqual([...ALL_CAUSES].sort())
    const manual = readFileSync('docs/manual.md', 'utf8')
    for (const [cause, status, q850] of TABLE) {
      expect(manual).toMatch(new RegExp(`\\| ${cause} \\| (?:${status}|BYE) \\| ${q850} \\|`))
    }
  })

  it.each(TABLE)('%s is SIP %i and Q.850 %i', (cause, status, q850) => {
    expect(sipCause(cause)).toMatchObject({ status, q850 })
  })

  it.each<[number, CallCause, string]>([
    [404, 'extension-not-found', 'reject'],
    [484, 'extension-not-found', 'reject'],
    [604, 'extension-not-found', 'reject'],
    [486, 'extension-busy', 'reject-busy'],
    [600, 'extension-busy', 'reject-busy'],
    [480, 'extension-no-answer', 'silent'],
    [408, 'extension-no-answer', 'silent'],
    [300, 'extension-no-answer', 'silent'],
    [301, 'extension-no-answer', 'silent'],
    [302, 'extension-no-answer', 'silent'],
    [305, 'extension-no-answer', 'silent'],
    [380, 'extension-no-answer', 'silent'],
    [603, 'extension-declined', 'reject'],
    [500, 'extension-unreachable', 'silent'],
    [403, 'extension-unreachable', 'silent'],
  ])('SIP %i from an extension is %s and on WhatsApp %s', (status, cause, ending) => {
    expect(causeOfSipEnd(status)).toBe(cause)
    expect(unansweredEnding(cause)).toBe(ending)
  })

  it.each<[number, number, CallCause]>([
    [480, 17, 'extension-busy'],
    [480, 21, 'extension-declined'],
    [500, 1, 'extension-not-found'],
    [503, 34, 'overload'],
    [503, 18, 'extension-no-answer'],
    [502, 88, 'no-common-codec'],
    [486, 21, 'extension-busy'],
    [603, 16, 'extension-declined'],
    [480, 0, 'extension-no-answer'],
    [480, 127, 'extension-no-answer'],
    [500, 127, 'extension-unreachable'],
  ])('SIP %i with Q.850 %i from an extension is %s', (status, q850, cause) => {
    expect(causeOfSipEnd(status, q850)).toBe(cause)
  })

  it('every cause has a final status and a Q.850 value in range', () => {
    expect(ALL_CAUSES.length).toBeGreaterThan(20)
    for (const cause of ALL_CAUSES) {
      const { status, phrase, q850 } = sipCause(cause)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(700)
      // As the SIP side writes it, which knows its statuses by itself.
      expect(phrase).toBe(reasonPhrase(status))
      expect(q850).toBeGreaterThanOrEqual(1)
      expect(q850).toBeLessThanOrEqual(127)
    }
  })

  it('a PBX that decides alone leaves no call to the owner’s phone that its extension did not take', () => {
    const others = ALL_CAUSES.filter((cause) => unansweredEnding(cause) !== unansweredEnding(cause, true))
    expect(others.sort()).toEqual(['extension-busy', 'extension-no-answer'])
    for (const cause of others) expect(unansweredEnding(cause, true)).toBe('reject')
    for (const fault of ['extension-unreachable', 'signalling-timeout'] as const)
      expect(unansweredEnding(fault, true)).toBe('silent')
  })
})
