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

/**
 * Ends the process when everything of ours is closed. Baileys leaves a timer of 30 s behind each upload of pre-keys, to
 * which it gives no handle; without this, a gateway stopped soon after its start would linger until it fires.
 */
export function endProcess(): never {
  process.exit()
}
