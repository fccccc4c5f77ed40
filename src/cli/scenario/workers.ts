import { type ChildProcess, fork } from 'node:child_process'
import type { Logger } from '../../base/logger.ts'
import { brokenRun, type Job, runJob } from './job.ts'
import type { ScenarioResult } from './run-scenario.ts'

/** Runs all jobs, `count` at a time, each in a process of its own program; results in the order of the jobs. */
export async function runInWorkers(
  jobs: readonly Job[],
  count: number,
  workerArguments: readonly string[],
  onResult: (result: ScenarioResult) => void,
): Promise<readonly ScenarioResult[]> {
  const results = new Map<Job, ScenarioResult>()
  const queue = [...jobs]
  const newWorker = () => fork(process.argv[1] ?? '', workerArguments, { serialization: 'json' })
  const work = async () => {
    let worker = newWorker()
    try {
      for (let job = queue.shift(); job; job = queue.shift()) {
        const result = await ask(worker, job)
        if (worker.exitCode !== null || worker.signalCode !== null) worker = newWorker()
        results.set(job, result)
        onResult(result)
      }
    } finally {
      if (worker.connected) worker.disconnect()
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, jobs.length) }, work))
  return jobs.flatMap((job) => results.get(job) ?? [])
}

/** The other side of `runInWorkers`: does what it is sent until nobody sends any more. */
export function serveAsWorker(log: Logger): void {
  process.on('message', (job: Job) => {
    void runJob(job, log).then((result) => process.send?.(result))
  })
  process.on('disconnect', () => process.exit(0))
}

/** What nobody caught ends the worker, and is a fault of its scenario; the worker has said on stderr what it was. */
function ask(worker: ChildProcess, job: Job): Promise<ScenarioResult> {
  return new Promise((resolve) => {
    const onExit = (code: number | null, signal: string | null) =>
      resolve(brokenRun(job, `its process ended with ${code ?? signal}`))
    worker.once('exit', onExit)
    worker.once('message', (result) => {
      worker.off('exit', onExit)
      resolve(result as ScenarioResult)
    })
    worker.send(job)
  })
}
