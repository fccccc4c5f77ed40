import { expect, it } from 'vitest'
import { Signal } from '../../src/base/events.ts'

it('calls handlers in order, until they unsubscribe, even in the middle of an event', () => {
  const signal = new Signal<number>()
  const seen: string[] = []
  const off = signal.on((n) => {
    seen.push(`a${n}`)
    off()
  })
  signal.on((n) => seen.push(`b${n}`))
  signal.emit(1)
  signal.emit(2)
  expect(seen).toEqual(['a1', 'b1', 'b2'])
  signal.clear()
  signal.emit(3)
  expect(seen).toHaveLength(3)
})
