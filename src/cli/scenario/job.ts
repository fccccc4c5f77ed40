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
  const named = job.kind === 'file' ? loadScenario(job.path) : chaosScenario(job.seed, job.index)
  const seed = job.kind === 'file' ? job.seed : job.seed + job.index
  try {
    return await runScenario(named, log, seed)
  } catch (error) {
    const { title, covers } = named.scenario
    const faults = [error instanceof Error ? (error.stack ?? error.message) : String(error)]
    return { scenario: named.name, title, covers, ok: false, faults, causes: [], tookMs: 0, ...NO_FIGURES }
  }
}

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
