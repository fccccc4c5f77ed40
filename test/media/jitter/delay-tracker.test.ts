import { expect, it } from 'vitest'
import { DelayTracker } from '../../../src/media/jitter/delay-tracker.ts'

const PACKET_MS = 20

it('holds a delay for ten seconds after less is wanted, then takes the most of what was', () => {
  const tracker = new DelayTracker({ minTargetMs: 20, maxTargetMs: 120 })
  let atMs = 0
  const run = (ms: number, delayMs: number) => {
    for (const endMs = atMs + ms; atMs < endMs; atMs += PACKET_MS) tracker.note(atMs + delayMs, atMs, PACKET_MS)
    return tracker.targetMs
  }
  expect(run(30_000, 0)).toBe(20)
  // Just more than 2 % of what is remembered.
  expect(run(200, 60)).toBe(75)
  expect(run(9_000, 0)).toBe(75)
  // A second until the spell is less than 2 %, and the hold.
  expect(run(2_000, 0)).toBe(20)
})
