import { monitorEventLoopDelay } from 'node:perf_hooks'

/** CPU time of this process so far, on all cores. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Watches the event loop from now on; each call gives the longest time that it was late since the last. */
export function watchStalls(): () => number {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  return () => {
    const longestMs = Math.round(delay.max / 1e6)
    delay.reset()
    return longestMs
  }
}
