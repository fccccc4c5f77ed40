import { readdirSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/** Where Linux lists the threads of this process; elsewhere a process has one priority. */
const THREADS = '/proc/self/task'
/** Where Linux shares its time out among sessions first, threads have their priority only within their session. */
const SESSION = '/proc/self/autogroup'

/**
 * Asks the system to schedule this process before ordinary ones, as PBXs do: a busy machine is heard as gaps. On Linux
 * each thread has its own priority, and the main one waits for those that collect garbage, so all are raised; threads
 * made later inherit it. Needs root or CAP_SYS_NICE; without them calls work all the same.
 */
export function raisePriority(): boolean {
  try {
    for (const thread of threadIds()) setPriority(thread, constants.priority.PRIORITY_HIGHEST)
    raiseSession()
    return true
  } catch {
    return false
  }
}

/** sched(7), "The autogroup feature". Without it, or in a control group of a container, there is nothing to raise. */
function raiseSession(): void {
  try {
    writeFileSync(SESSION, String(constants.priority.PRIORITY_HIGHEST))
  } catch {
    // No such file, or not ours to write.
  }
}

function threadIds(): readonly number[] {
  try {
    return readdirSync(THREADS).map(Number)
  } catch {
    return [process.pid]
  }
}
