import type { ScenarioResult } from './run-scenario.ts'

/** What so many runs, or more, are enough to expect, whatever the seed. */
const EXPECTED: readonly { readonly fromRuns: number; readonly causes: readonly string[] }[] = [
  {
    fromRuns: 100,
    causes: [
      'normal',
      'busy',
      'declined',
      'no-answer',
      'cancelled',
      'answered-elsewhere',
      'account-busy',
      'account-offline',
      'stranger-restricted',
      'extension-no-answer',
      'emergency-number',
      'whatsapp-error',
    ],
  },
  {
    fromRuns: 200,
    causes: ['extension-busy', 'extension-declined', 'not-on-whatsapp', 'signalling-timeout', 'shutting-down'],
  },
]

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
  const met = new Set(results.flatMap((result) => result.causes))
  const expected = EXPECTED.filter(({ fromRuns }) => results.length >= fromRuns).flatMap(({ causes }) => causes)
  return expected.filter((cause) => !met.has(cause))
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
