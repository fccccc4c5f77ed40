/** ITU-T Q.23: a digit is one tone of each group. */
export const LOW_GROUP_HZ = [697, 770, 852, 941] as const
export const HIGH_GROUP_HZ = [1209, 1336, 1477, 1633] as const

const ROWS = ['123A', '456B', '789C', '*0#D'] as const

/** The key that both tones name, by their places in their groups. */
export const digitOfTones = (low: number, high: number): string => ROWS[low]?.charAt(high) ?? ''

export function toneOfDigit(digit: string): { readonly lowHz: number; readonly highHz: number } | undefined {
  if (digit.length !== 1) return undefined
  const row = ROWS.findIndex((keys) => keys.includes(digit.toUpperCase()))
  const lowHz = LOW_GROUP_HZ[row]
  const highHz = HIGH_GROUP_HZ[ROWS[row]?.indexOf(digit.toUpperCase()) ?? -1]
  return lowHz === undefined || highHz === undefined ? undefined : { lowHz, highHz }
}
