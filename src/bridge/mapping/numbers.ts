import type { CallCause } from '../cause.ts'

export interface DialPolicy {
  /** E.164 prefixes (digits) that are refused. */
  readonly deny: readonly string[]
  /** When not empty, only these prefixes may be dialled. `deny` wins over it. */
  readonly allow: readonly string[]
}

/** Whether the policy lets a normalised number be dialled; undefined means yes. */
export function policyRefusal(digits: string, policy: DialPolicy): CallCause | undefined {
  const startsWith = (prefix: string) => digits.startsWith(prefix)
  if (policy.deny.some(startsWith)) return 'refused-by-policy'
  if (policy.allow.length > 0 && !policy.allow.some(startsWith)) return 'refused-by-policy'
  return undefined
}
