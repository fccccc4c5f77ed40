import { describe, expect, it } from 'vitest'
import { endAll, endTogether } from '../../src/gateway/ending.ts'

const broken = (word: string) => () => Promise.reject(new Error(word))

describe.each([
  ['one after the other', endAll],
  ['together', endTogether],
])('ending %s', (_, end) => {
  it('runs every step, also after one that throws or rejects', async () => {
    const done: string[] = []
    const note = (word: string) => () => void done.push(word)
    const throws = () => {
      throw new Error('thrown')
    }
    await expect(end([note('a'), throws, note('b'), broken('rejected'), note('c')])).rejects.toThrow(AggregateError)
    expect(done).toEqual(['a', 'b', 'c'])
  })

  it('throws one error as it is, and several in one whose message has them all', async () => {
    await expect(end([broken('alone')])).rejects.toThrow(/^alone$/)
    await expect(end([broken('first'), broken('second')])).rejects.toThrow('Error: first; Error: second')
  })

  it('is content with nothing to end', async () => {
    await expect(end([])).resolves.toBeUndefined()
  })
})

it('one after the other waits for each', async () => {
  const done: string[] = []
  const slow = async () => {
    await Promise.resolve()
    done.push('slow')
  }
  await endAll([slow, () => done.push('next')])
  expect(done).toEqual(['slow', 'next'])
})
