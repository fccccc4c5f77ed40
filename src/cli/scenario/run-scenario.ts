import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../../base/logger.ts'
import { Disagreement } from './disagreement.ts'
import { ErrorLines } from './error-lines.ts'
import { type Figures, figuresOf } from './figures.ts'
import { type House, liveCalls } from './house.ts'
import { leftBehind } from './left-behind.ts'
import type { NamedScenario } from './load.ts'
import { Stage } from './stage.ts'
import { faultsOf } from './verdict.ts'
import { openVirtualHouse } from './virtual-house.ts'

export interface ScenarioResult extends Figures {
  readonly scenario: string
  readonly title: string
  readonly covers: readonly string[]
  readonly ok: boolean
  /** One line for each expectation that was not met. */
  readonly faults: readonly string[]
  /** Of the calls, in the order in which they began. */
  readonly causes: readonly string[]
  /** How many of them were answered. */
  readonly callsUp: number
  /** What chance put into the scenario, by name. */
  readonly drawn: readonly string[]
  /** What the run took in real time. */
  readonly tookMs: number
}

/** A scenario is to run in seconds. Of the processor's time, which a busy machine does not stretch. */
const MOST_CPU_S = 20
/** Time for last words after the last call: terminates, BYEs, records. */
const SETTLING_MS = 3000

export async function runScenario(named: NamedScenario, log: Logger, seed: number): Promise<ScenarioResult> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-scenario-'))
  try {
    return await runIn(dataDirectory, named, log, seed)
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

async function runIn(
  dataDirectory: string,
  { name, scenario, drawn = [] }: NamedScenario,
  log: Logger,
  seed: number,
): Promise<ScenarioResult> {
  const startedMs = performance.now()
  const startedCpu = process.cpuUsage()
  const errors = new ErrorLines(log)
  const house = await openVirtualHouse(scenario, errors, seed, dataDirectory)
  const before = house.holdings()
  const stage = new Stage(scenario, house)
  const disagreement = new Disagreement(house, stage, scenario.faultsEndAtMs)
  stage.begin()
  const isOver = () => stage.toDo === 0 && liveCalls(house) === 0 && areAllOver(stage)
  const faults: string[] = []
  if (!(await house.pass(isOver, scenario.lastsMs))) faults.push(...notOver(house, stage))
  await house.pass(() => false, SETTLING_MS)
  disagreement.stop()
  const records = house.records.all()
  const figures = figuresOf(stage, records)
  faults.push(...faultsOf(scenario.expect, house, stage, figures), ...disagreement.faults())
  faults.push(...(await leftBehind(house, before)), ...(await house.close()))
  faults.push(...house.records.faults, ...errors.faults)
  faults.push(...tooSlow(process.cpuUsage(startedCpu)))
  return {
    scenario: name,
    title: scenario.title,
    covers: scenario.covers,
    ok: faults.length === 0,
    faults,
    causes: records.map(({ cause }) => cause ?? 'none'),
    callsUp: records.filter(({ answeredAtMs }) => answeredAtMs !== undefined).length,
    drawn,
    tookMs: Math.round(performance.now() - startedMs),
    ...figures,
  }
}

/** In microseconds, as the process counts. */
export function tooSlow({ user, system }: NodeJS.CpuUsage): string[] {
  const seconds = Math.round((user + system) / 1e6)
  return seconds > MOST_CPU_S ? [`took ${seconds} s of the processor, expected ${MOST_CPU_S} at most`] : []
}

function areAllOver(stage: Stage): boolean {
  const peers = [...stage.peerCalls.values()].flat()
  return peers.every(({ state }) => state === 'over') && stage.phoneCalls.every(({ end }) => end !== undefined)
}

function notOver(house: House, stage: Stage): string[] {
  const peers = [...stage.peerCalls].flatMap(([name, calls]) =>
    calls
      .filter(({ state }) => state !== 'over')
      .map(({ deviceId, state }) => `${name}'s device ${deviceId} is ${state}`),
  )
  const phones = stage.phoneCalls.filter(({ end }) => !end).length
  const left = [
    `${stage.toDo} steps`,
    `${liveCalls(house)} calls of the gateway`,
    `${phones} of the desk phone`,
    ...peers,
  ]
  return [`not over in time: ${left.join(', ')}`]
}
