import type { Clock, Timer } from '../../src/base/clock.ts'

/** A clock of somebody else's: it runs `ppm` millionths faster than `clock`. */
export function skewedClock(clock: Clock, ppm: number): Clock {
  const rate = 1 + ppm / 1e6
  return {
    nowMs: () => clock.nowMs() * rate,
    wallMs: () => clock.wallMs() * rate,
    after: (delayMs, run): Timer => clock.after(delayMs / rate, run),
  }
}
