import { expect, test } from 'vitest'
import { seededRandom } from '../../src/base/random.ts'
import { inServiceOrder } from '../../src/sip/locating/target.ts'

test('records of one priority are drawn by weight, all of them in the end', () => {
  const records = [
    { host: 'a', port: 1, priority: 1, weight: 10 },
    { host: 'b', port: 1, priority: 1, weight: 30 },
    { host: 'last', port: 1, priority: 2, weight: 0 },
  ]
  const random = seededRandom(5)
  const orders = Array.from({ length: 1000 }, () =>
    inServiceOrder(records, random)
      .map(({ host }) => host)
      .join(),
  )
  expect(new Set(orders)).toEqual(new Set(['a,b,last', 'b,a,last']))
  const share = orders.filter((order) => order.startsWith('b')).length / orders.length
  expect(share).toBeGreaterThan(0.68)
  expect(share).toBeLessThan(0.82)
})
