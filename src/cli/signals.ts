/**
 * Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, for people whose first Ctrl-C
 * is waiting for a call to end.
 */
export function terminationRequested(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(130)
      asked = true
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}
