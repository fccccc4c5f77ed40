import { type NamedScenario, scenarioFrom } from './load.ts'

export function chaosScenario(seed: number, index: number): NamedScenario {
  return scenarioFrom(`chaos-${seed}-${index}`, { title: 'x', script: [{ who: 'phone', does: 'dials', to: '112' }] })
}
