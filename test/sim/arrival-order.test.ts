import { describe, expect, it } from 'vitest'
import { ArrivalOrder } from '../../src/sim/media/arrival-order.ts'

function released(arrivals: readonly number[]): number[] {
  const order: number[] = []
  const arrivalOrder = new ArrivalOrder(({ sequence }) => order.push(sequence))
  const payload = new Uint8Array(1)
  for (const sequence of arrivals) arrivalOrder.push({ sequence, timestamp: 0, payload, redundant: false })
  return order
}

describe('ArrivalOrder', () => {
  it.each([
    ['passes on at once what is in order', [5, 6, 7], [5, 6, 7]],
    ['puts neighbours right', [5, 7, 6, 8], [5, 6, 7, 8]],
    ['goes over the end of the numbers', [65534, 0, 65535, 1], [65534, 65535, 0, 1]],
    ['waits for two newer packets, then gives up the missing one', [5, 7, 8], [5]],
    ['gives up when a third one is newer', [5, 7, 8, 9], [5, 7, 8, 9]],
    ['drops what comes after that', [5, 7, 8, 9, 6, 10], [5, 7, 8, 9, 10]],
    ['begins anew after a jump', [5, 6, 20_000, 20_001], [5, 6, 20_000, 20_001]],
  ])('%s', (_, arrivals, expected) => {
    expect(released(arrivals)).toEqual(expected)
  })
})
