import { type Random, randomHex } from '../../base/random.ts'
import type { CallSettings } from './settings.ts'

const CALL_ID_BYTES = 16

/** A new call-id: 32 hexadecimal characters in the form of the setting. */
export function newCallId(random: Random, form: CallSettings['callIdForm']): string {
  return form === 'web' ? `00${randomHex(CALL_ID_BYTES - 1, random)}` : randomHex(CALL_ID_BYTES, random).toUpperCase()
}

/**
 * Two users call each other at the same time: the call with the smaller call-id goes on. Both sides know both ids,
 * so two gateways decide alike; a phone, which knows no rule, sees one of the calls end.
 */
export function winsGlare(ours: string, theirs: string): boolean {
  return ours.toLowerCase() < theirs.toLowerCase()
}
