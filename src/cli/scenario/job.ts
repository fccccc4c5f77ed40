import type { Logger } from '../../base/logger.ts'
import { chaosScenario } from './chaos.ts'
import { loadScenario } from './load.ts'
import { runScenario, type ScenarioResult } from './run-scenario.ts'

/** One run, in words that can be sent to another process. */
export type Job =
  | { readonly kind: 'file'; readonly path: string; readonly seed: number }
  | { readonly kind: 'chaos'; readonly seed: number; readonly index: number }

/** A run that breaks, instead of failing, is a fault of its scenario. */
export async function runJob(job: Job, log: Logger): Promise<ScenarioResult> {
  const named = scenarioOf(job)
  const seed = job.kind === 'file' ? job.seed : job.seed + job.index
  try {
    return await runScenario(named, log, seed)
  } catch (error) {
    return brokenRun(job, error)
  }
}

/** The result of a run that has none of its own. */
export function brokenRun(job: Job, error: unknown): ScenarioResult {
  const { name, scenario } = scenarioOf(job)
  const faults = [error instanceof Error ? (error.stack ?? error.message) : String(error)]
  const { title, covers } = scenario
  const nothing = { causes: [], callsUp: 0, drawn: [], tookMs: 0, ...NO_FIGURES }
  return { scenario: name, title, covers, ok: false, faults, ...nothing }
}

const scenarioOf = (job: Job) => (job.kind === 'file' ? loadScenario(job.path) : chaosScenario(job.seed, job.index))

const NO_FIGURES = {
  setupMs: null,
  answerToAudioMs: null,
  stoiToPhone: null,
  stoiToPeer: null,
  lost: null,
  concealedMs: null,
  recovered: null,
  recoveredHere: null,
  rejected: null,
  mutedMs: null,
  heard: null,
} as const
