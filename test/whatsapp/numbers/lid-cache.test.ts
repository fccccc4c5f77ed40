import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import { LidCache, MemoryLidEntries } from '../../../src/whatsapp/numbers/lid-cache.ts'

function setUp(maxEntries = 10) {
  const clock = new VirtualClock()
  const cache = new LidCache({
    clock,
    positiveTtlMs: 1000,
    negativeTtlMs: 100,
    entries: new MemoryLidEntries(maxEntries),
  })
  const asked: string[] = []
  const lookUp = (digits: string, lid: string | undefined) =>
    cache.lookUp(digits, async () => {
      asked.push(digits)
      return lid
    })
  return { clock, cache, asked, lookUp }
}

describe('LID cache', () => {
  it('asks again only when an answer has expired, sooner for a number that was absent', async () => {
    const { clock, asked, lookUp } = setUp()
    expect(await lookUp('1', '9@lid')).toBe('9@lid')
    expect(await lookUp('2', undefined)).toBeUndefined()
    await clock.advance(99)
    expect(await lookUp('1', 'changed@lid')).toBe('9@lid')
    expect(await lookUp('2', 'changed@lid')).toBeUndefined()
    expect(asked).toEqual(['1', '2'])
    await clock.advance(1)
    expect(await lookUp('2', '8@lid')).toBe('8@lid')
    await clock.advance(900)
    expect(await lookUp('1', '7@lid')).toBe('7@lid')
    expect(asked).toEqual(['1', '2', '2', '1'])
  })

  it('asks once for those who ask together', async () => {
    const { asked, lookUp } = setUp()
    expect(await Promise.all([lookUp('1', '9@lid'), lookUp('1', '9@lid')])).toEqual(['9@lid', '9@lid'])
    expect(asked).toEqual(['1'])
  })

  it('does not remember a failure', async () => {
    const { cache, lookUp } = setUp()
    await expect(cache.lookUp('1', () => Promise.reject(new Error('offline')))).rejects.toThrow('offline')
    expect(await lookUp('1', '9@lid')).toBe('9@lid')
  })

  it('forgets the oldest beyond its bound', async () => {
    const { asked, lookUp } = setUp(2)
    for (const digits of ['1', '2', '3', '3', '2', '1']) await lookUp(digits, '9@lid')
    expect(asked).toEqual(['1', '2', '3', '1'])
  })
})
