import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quietForS } from '../../../src/bridge/dialler/quiet-hours.ts'

const night = { from: '21:00', to: '08:00', timeZone: 'Europe/Berlin' }
const atUtc = (time: string) => Date.parse(`2026-01-15T${time}Z`)

describe('quiet hours', () => {
  it.each([
    ['in the evening', '20:30:00', 10.5 * 3600],
    ['at the first minute', '20:00:00', 11 * 3600],
    ['after midnight, with seconds', '05:59:15', 3600 + 45],
    ['in the last minute', '06:59:59', 1],
  ])('%s: the rest of them', (_, time, seconds) => {
    expect(quietForS(night, atUtc(time))).toBe(seconds)
  })

  it.each(['07:00:00', '12:00:00', '19:59:59'])('%s UTC is not in the Berlin night', (time) => {
    expect(quietForS(night, atUtc(time))).toBeUndefined()
  })

  it('follow summer time', () => {
    expect(quietForS(night, Date.parse('2026-07-15T06:00:00Z'))).toBeUndefined()
    expect(quietForS(night, Date.parse('2026-01-15T06:00:00Z'))).toBe(3600)
  })

  it('may lie within one day', () => {
    const noon = { from: '12:00', to: '14:00', timeZone: 'UTC' }
    expect(quietForS(noon, atUtc('13:00:00'))).toBe(3600)
    expect(quietForS(noon, atUtc('14:00:00'))).toBeUndefined()
    expect(quietForS(noon, atUtc('11:59:59'))).toBeUndefined()
  })

  it('are over when the time given has passed, whenever one asks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_399 }), fc.nat(1439), fc.nat(1439), (second, from, to) => {
        fc.pre(from !== to)
        const hours = { from: clockTime(from), to: clockTime(to), timeZone: 'UTC' }
        const nowMs = Date.parse('2026-01-15T00:00:00Z') + second * 1000
        const leftS = quietForS(hours, nowMs)
        if (leftS === undefined) return
        expect(leftS).toBeGreaterThan(0)
        expect(quietForS(hours, nowMs + leftS * 1000)).toBeUndefined()
        expect(quietForS(hours, nowMs + leftS * 1000 - 1000)).toBe(1)
      }),
    )
  })
})

const two = (value: number) => String(value).padStart(2, '0')
const clockTime = (minute: number) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
