import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { ConfigError } from '../../base/errors.ts'
import { silentLogger } from '../../base/logger.ts'
import { createLogger } from '../../ops/log.ts'
import { causesNotMet, chaosTally } from '../scenario/chaos-tally.ts'
import { type CoverageRow, coverage, type RowList, rowList } from '../scenario/coverage.ts'
import { type Job, runJob } from '../scenario/job.ts'
import { loadScenario } from '../scenario/load.ts'
import { coverageTable, resultTable } from '../scenario/report.ts'
import type { ScenarioResult } from '../scenario/run-scenario.ts'
import { runInWorkers, serveAsWorker } from '../scenario/workers.ts'

const DIRECTORY = 'test/scenarios'
const ENDING = '.yaml'
/** The list that all scenarios of a directory together have to cover. */
const ROWS = 'rows.yaml'

interface ScenariosOptions {
  readonly directory: string
  readonly json?: true
  readonly seed: number
  readonly chaos?: number
  readonly only?: number
  readonly workers: number
  readonly verbose?: true
  readonly worker?: true
}

export function scenariosCommand(): Command {
  return new Command('scenarios')
    .description('run scenario files against a gateway with a simulated WhatsApp, in virtual time (docs/scenarios.md)')
    .argument('[names...]', 'scenario names, with * for anything; all when left out')
    .option('--directory <directory>', 'where the files are', DIRECTORY)
    .option('--seed <n>', 'what chance begins with', wholeNumber, 1)
    .option('--chaos <n>', 'instead of files: so many scenarios made by chance', wholeNumber)
    .option('--only <i>', 'with --chaos: the one of this number alone', wholeNumber)
    .option('--workers <n>', 'processes at a time', wholeNumber, availableParallelism())
    .option('--json', 'print one JSON object')
    .option('--verbose', 'show the log of one scenario')
    .addOption(new Option('--worker').hideHelp())
    .action(runScenarios)
}

async function runScenarios(names: readonly string[], options: ScenariosOptions): Promise<void> {
  if (options.worker) return serveAsWorker(silentLogger)
  checkUsage(names, options)
  const { jobs, list } = options.chaos === undefined ? fileJobs(names, options) : chaosJobs(options.chaos, options)
  if (options.verbose && jobs.length !== 1)
    throw usage(`--verbose shows the log of one scenario, and not of ${jobs.length}`)
  if (!options.json) console.log(`${jobs.length} scenarios, seed ${options.seed}`)
  const results = await resultsOf(jobs, options)
  const rows = list ? coverage(list, results) : []
  const missing = rows.filter(({ shownBy }) => shownBy.length === 0)
  const notMet = options.chaos === undefined ? [] : causesNotMet(results)
  const ok = results.every((result) => result.ok) && missing.length === 0 && notMet.length === 0
  if (options.json) console.log(JSON.stringify({ ok, seed: options.seed, results, rows, notMet }))
  else console.log(textOf(results, rows, ok, options.chaos === undefined ? [] : tallyOf(results, notMet)))
  process.exit(ok ? 0 : 1)
}

/** What would otherwise be left out without a word. */
function checkUsage(names: readonly string[], { chaos, only }: ScenariosOptions): void {
  if (chaos !== undefined && names.length > 0) throw usage('--chaos takes no names: it runs no files')
  if (only !== undefined && chaos === undefined) throw usage('--only goes with --chaos')
  if (only !== undefined && chaos !== undefined && only > chaos) throw usage(`--only ${only}: there are ${chaos}`)
}

const usage = (message: string) => new ConfigError('usage.scenario', message)

interface Work {
  readonly jobs: readonly Job[]
  /** What all files of a directory have to cover, if it says so and all are run. */
  readonly list?: RowList | undefined
}

function tallyOf(results: readonly ScenarioResult[], notMet: readonly string[]): string[] {
  const missed = notMet.length > 0 ? [`FAILED: no call ended in ${notMet.join(', ')}`] : []
  return ['', chaosTally(results), ...missed]
}

function textOf(
  results: readonly ScenarioResult[],
  rows: readonly CoverageRow[],
  ok: boolean,
  tally: readonly string[],
): string {
  const failed = results.filter((result) => !result.ok).length
  const bare = rows.filter(({ shownBy }) => shownBy.length === 0).length
  return [
    resultTable(results),
    ...(rows.length > 0 ? ['', coverageTable(rows)] : []),
    ...tally,
    '',
    `${ok ? 'all ok' : 'FAILED'}: ${results.length} scenarios, ${failed} failed; ${rows.length} rows, ${bare} not shown`,
  ].join('\n')
}

function fileJobs(names: readonly string[], { directory, seed }: ScenariosOptions): Work {
  const files = filesOf(directory).filter((file) => file.endsWith(ENDING) && file !== ROWS)
  const wanted = names.map((name) => basename(name, ENDING))
  for (const name of wanted)
    if (!files.some((file) => matches(file, name))) throw usage(`${name}: no such scenario in ${directory}`)
  const chosen = wanted.length === 0 ? files : files.filter((file) => wanted.some((name) => matches(file, name)))
  const paths = chosen.sort().map((file) => join(directory, file))
  // All are read before any is run: a mistake in the last one is told at once.
  const scenarios = paths.map(loadScenario)
  const rows = join(directory, ROWS)
  return {
    jobs: paths.map((path) => ({ kind: 'file', path, seed })),
    list: wanted.length === 0 && existsSync(rows) ? rowList(rows, scenarios) : undefined,
  }
}

function chaosJobs(count: number, { seed, only }: ScenariosOptions): Work {
  const indices = only === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [only]
  return { jobs: indices.map((index) => ({ kind: 'chaos', seed, index })) }
}

async function resultsOf(jobs: readonly Job[], options: ScenariosOptions): Promise<readonly ScenarioResult[]> {
  const [first] = jobs
  if (jobs.length === 1 && first) {
    const log = options.verbose ? createLogger({ level: 'debug', format: 'pretty' }) : silentLogger
    return [await runJob(first, log)]
  }
  const report = ({ scenario, ok, tookMs }: ScenarioResult) => {
    if (!options.json) console.error(`${scenario} ${ok ? 'ok' : 'FAILED'} (${tookMs} ms)`)
  }
  return runInWorkers(jobs, options.workers, ['scenarios', '--worker'], report)
}

function filesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigError('usage.directory', `${directory}: cannot be read (${code})`, {}, { cause })
  }
}

function matches(file: string, pattern: string): boolean {
  const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${expression}$`).test(basename(file, ENDING))
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number, 1 or more')
  return value
}
