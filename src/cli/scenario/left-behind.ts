import { type Holdings, type House, liveCalls } from './house.ts'

/** SIP forgets a transaction 32 s after its end (RFC 3261 §17.1.1.2, Timer D; 64 T1), and everything else is quicker. */
export const LAST_TIMERS_MS = 40_000

/**
 * What the calls have left behind in a house that is still open: calls, and more than it held before the first of them.
 * Transactions and their timers have their time; timers that come again and again were there before.
 */
export async function leftBehind(house: Pick<House, 'holdings' | 'pass' | 'gateway' | 'accounts'>, before: Holdings) {
  const more = (kinds: readonly (keyof Holdings)[]) => {
    const now = house.holdings()
    return kinds.filter((kind) => now[kind] > before[kind]).map((kind) => `${now[kind] - before[kind]} ${kind}`)
  }
  const calls = liveCalls(house)
  // What goes on holds what it needs.
  if (calls > 0) return [`the calls left ${calls} calls`]
  const atOnce = more(['sockets', 'SIP sessions', 'SIP dialogs'])
  await house.pass(() => more(['timers', 'SIP transactions']).length === 0, LAST_TIMERS_MS)
  return [...atOnce, ...more(['timers', 'SIP transactions'])].map((what) => `the calls left ${what}`)
}
