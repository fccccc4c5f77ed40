import { accessSync, constants, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Linux keeps these files in memory. */
const SHARED_MEMORY = '/dev/shm'

/**
 * A new folder for what lives no longer than the process: in memory where there is such a place. On a disk that others
 * keep busy, one synced commit holds up the process, which here is everybody in the call, for a quarter of a second.
 */
export function memoryFolder(prefix: string): string {
  return mkdtempSync(join(hasSharedMemory() ? SHARED_MEMORY : tmpdir(), prefix))
}

function hasSharedMemory(): boolean {
  try {
    accessSync(SHARED_MEMORY, constants.W_OK)
    return true
  } catch {
    return false
  }
}
