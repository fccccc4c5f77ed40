import type { ScenarioResult } from './run-scenario.ts'

/** So many runs are enough to expect each of these. */
const EXPECTED_FROM_RUNS = 200
export const MAIN_CAUSES = [
  'normal',
  'busy',
  'declined',
  'no-answer',
  'cancelled',
  'answered-elsewhere',
  'account-busy',
  'account-offline',
  'stranger-restricted',
  'extension-busy',
  'extension-no-answer',
  'extension-declined',
  'not-on-whatsapp',
  'emergency-number',
  'signalling-timeout',
  'whatsapp-error',
  'shutting-down',
] as const

type Tallied = Pick<ScenarioResult, 'causes' | 'drawn' | 'callsUp'>

/** How often calls ended in each cause, how many were up, and what was drawn in how many runs. */
export function chaosTally(results: readonly Tallied[]): string {
  const causes = counted(results.flatMap((result) => result.causes))
  const calls = results.reduce((sum, result) => sum + result.causes.length, 0)
  const up = results.reduce((sum, { callsUp }) => sum + callsUp, 0)
  const share = calls === 0 ? 0 : Math.round((100 * up) / calls)
  return [
    `causes: ${shown(causes)}`,
    `calls: ${calls}, of which ${up} were up (${share} %)`,
    `drawn in runs: ${shown(counted(results.flatMap(({ drawn }) => drawn)))}`,
  ].join('\n')
}

/** Causes that chaos should have met, and has not: then it tests less than it says. */
export function causesNotMet(results: readonly Tallied[]): readonly string[] {
  if (results.length < EXPECTED_FROM_RUNS) return []
  const met = new Set(results.flatMap((result) => result.causes))
  return MAIN_CAUSES.filter((cause) => !met.has(cause))
}

function counted(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

const shown = (counts: ReadonlyMap<string, number>) =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([word, count]) => `${word} ${count}`)
    .join(', ')
