import type { CallCause } from './cause.ts'
import type { Leg } from './leg.ts'

/** Watches a leg that is not joined yet: it may end while its number is looked up. */
export function endOf(leg: Leg): { readonly happened: Promise<undefined>; stop(): CallCause | undefined } {
  let ended: CallCause | undefined
  let stop = () => {}
  const happened = new Promise<undefined>((resolve) => {
    stop = leg.events.on((event) => {
      if (event.type !== 'ended') return
      ended = event.cause
      resolve(undefined)
    })
  })
  return {
    happened,
    stop: () => {
      stop()
      return ended
    },
  }
}
