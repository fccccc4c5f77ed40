import { describe, expect, it } from 'vitest'
import { checkClock } from '../../src/cli/clock-skew.ts'

const DATE = 'Thu, 15 Jan 2026 12:00:00 GMT'
const THEIR_MS = Date.parse(DATE)

describe('clock check', () => {
  it.each([
    ['equal', 0, 'within 1 s of WhatsApp’s'],
    ['late in the same second', 999, 'within 1 s of WhatsApp’s'],
    ['a little ahead', 4000, 'within 4 s of WhatsApp’s'],
    ['a little behind', -4000, 'within 5 s of WhatsApp’s'],
  ])('%s is well', (_, offsetMs, detail) => {
    expect(checkClock(DATE, THEIR_MS + offsetMs, THEIR_MS + offsetMs)).toEqual({ ok: true, detail })
  })

  it('ahead is a fault that says what will happen', () => {
    const { ok, detail } = checkClock(DATE, THEIR_MS + 31_000, THEIR_MS + 31_200)
    expect(ok).toBe(false)
    expect(detail).toMatch(/^30 s ahead: calls from WhatsApp .* not ring/)
  })

  it('behind is a fault', () => {
    expect(checkClock(DATE, THEIR_MS - 60_200, THEIR_MS - 60_000)).toEqual({
      ok: false,
      detail: '60 s behind; set up NTP',
    })
  })

  it('a slow answer is no skew', () => {
    expect(checkClock(DATE, THEIR_MS - 9000, THEIR_MS + 9000).ok).toBe(true)
  })

  it.each([null, 'yesterday'])('says so when the date is %s', (date) => {
    expect(checkClock(date, THEIR_MS, THEIR_MS)).toEqual({ ok: true, detail: 'not checked: the answer had no date' })
  })
})
