import { describe, expect, it } from 'vitest'
import type { Random } from '../../../src/base/random.ts'
import { seededRandom } from '../../../src/base/random.ts'
import { ReconnectPolicy, verdictOnClose } from '../../../src/whatsapp/account/reconnect-policy.ts'

const least: Random = { bytes: () => new Uint8Array(), below: () => 0 }
const most: Random = { bytes: () => new Uint8Array(), below: (limit) => limit - 1 }

describe('reconnecting', () => {
  it('doubles the delay up to its limit, between half and whole steps', () => {
    const options = { firstDelayMs: 1000, maxDelayMs: 5000, stableAfterMs: 60_000 }
    const low = new ReconnectPolicy(least, options)
    const high = new ReconnectPolicy(most, options)
    expect([0, 0, 0, 0, 0].map((openForMs) => low.nextDelayMs(openForMs))).toEqual([500, 1000, 2000, 2500, 2500])
    expect([0, 0, 0, 0, 0].map((openForMs) => high.nextDelayMs(openForMs))).toEqual([1000, 2000, 4000, 5000, 5000])
  })

  it('starts over after a connection that held, not after one that opened and fell', () => {
    const policy = new ReconnectPolicy(most, { firstDelayMs: 1000, maxDelayMs: 60_000, stableAfterMs: 60_000 })
    expect([0, 59_999, 59_999, 60_000, 0].map((openForMs) => policy.nextDelayMs(openForMs))).toEqual([
      1000, 2000, 4000, 1000, 2000,
    ])
  })

  it('stays within its bounds however long it goes on', () => {
    const policy = new ReconnectPolicy(seededRandom(7))
    for (let attempt = 0; attempt < 2000; attempt++) {
      const delayMs = policy.nextDelayMs(0)
      expect(delayMs).toBeGreaterThanOrEqual(500)
      expect(delayMs).toBeLessThanOrEqual(120_000)
    }
  })

  it.each([
    [515, 'restart'],
    [401, 'logged-out'],
    [406, 'logged-out'],
    [402, 'banned'],
    [403, 'banned'],
    [440, 'replaced'],
    [408, 'retry'],
    [428, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
    [undefined, 'retry'],
  ] as const)('takes the status %s for: %s', (statusCode, verdict) => {
    expect(verdictOnClose(statusCode)).toBe(verdict)
  })
})
