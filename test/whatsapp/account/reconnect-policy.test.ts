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
    [515, 'closed', { afterMs: 0 }],
    [401, 'logged-out', 'never'],
    [403, 'logged-out', 'never'],
    [406, 'banned', 'never'],
    [405, 'closed', { afterMs: 900_000 }],
    [440, 'replaced', 'never'],
    [408, 'closed', 'back-off'],
    [428, 'closed', 'back-off'],
    [500, 'closed', 'back-off'],
    [503, 'closed', 'back-off'],
    [undefined, 'closed', 'back-off'],
  ] as const)('takes the status %s for: %s, and tries again: %o', (statusCode, state, retry) => {
    expect(verdictOnClose({ statusCode })).toMatchObject({ state, retry })
  })

  it.each([
    [21_600, 21_600],
    // Nobody knocks every second because the server names one.
    [1, 60],
    // Longer than a timer of Node.js can be: asked again after a week.
    [1e12, 7 * 86_400],
    [undefined, 3600],
  ])('waits for the end of a ban that lasts %s s: %i s', (expireS, waitS) => {
    expect(verdictOnClose({ statusCode: 402, expireS })).toEqual({
      state: 'banned',
      retry: { afterMs: waitS * 1000 },
      reason: `status 402: banned for ${waitS} s`,
    })
  })

  it('names the setting that helps against being outdated', () => {
    expect(verdictOnClose({ statusCode: 405 }).reason).toContain('clientVersion')
  })
})
