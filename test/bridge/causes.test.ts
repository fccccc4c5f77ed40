import { describe, expect, it } from 'vitest'
import type { CallCause } from '../../src/bridge/cause.ts'
import { ALL_CAUSES, causeOfSipStatus, sipCause, whatsAppEnding } from '../../src/bridge/mapping/causes.ts'

describe('cause map', () => {
  it.each<[CallCause, number, number]>([
    ['not-on-whatsapp', 404, 1],
    ['declined', 603, 21],
    ['busy', 486, 17],
    ['no-answer', 480, 19],
    ['answered-elsewhere', 487, 26],
    ['declined-elsewhere', 487, 21],
    ['account-restricted', 503, 42],
    ['account-logged-out', 503, 38],
    ['account-busy', 486, 17],
    ['refused-by-policy', 403, 21],
    ['relay-lost', 480, 41],
  ])('%s is SIP %i and Q.850 %i', (cause, status, q850) => {
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
    [603, 'extension-declined', 'reject'],
    [500, 'internal-error', 'silent'],
  ])('SIP %i from an extension is %s and on WhatsApp %s', (status, cause, ending) => {
    expect(causeOfSipStatus(status)).toBe(cause)
    expect(whatsAppEnding(cause, true, false)).toBe(ending)
  })

  it('every cause has a final status and a Q.850 value in range', () => {
    expect(ALL_CAUSES.length).toBeGreaterThan(20)
    for (const cause of ALL_CAUSES) {
      const { status, phrase, q850 } = sipCause(cause)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(700)
      expect(phrase).not.toBe('')
      expect(q850).toBeGreaterThanOrEqual(1)
      expect(q850).toBeLessThanOrEqual(127)
    }
  })

  it('a call that was answered, or that we dialled, is always terminated', () => {
    for (const cause of ALL_CAUSES) {
      expect(whatsAppEnding(cause, true, true)).toBe('terminate')
      expect(whatsAppEnding(cause, false, false)).toBe('terminate')
    }
  })
})
