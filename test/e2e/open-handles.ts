import dgram from 'node:dgram'
import { readdirSync, readlinkSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Timers set through the globals that have neither fired nor been cleared, each with the place that set it. */
const waiting = new Map<NodeJS.Timeout, string>()

/** UDP sockets that are not closed, each with the place that made it. */
const datagramSockets = new Map<dgram.Socket, string>()

/**
 * Baileys races each upload of pre-keys against a timer of 30 s that it never clears, and gives nobody a handle to it
 * (`uploadPreKeys` in lib/Socket/socket.js). It holds an error object and nothing else; `tandem run` ends the process
 * itself because of it. This one place is excused, by name.
 */
const EXCUSED = /uploadPreKeys .*\/baileys\/lib\/Socket\/socket\.js/

/** Resources that carry traffic. Others belong to the test runner, or come and go with every file that is read. */
const CARRIERS = /^(TCP|ProcessWrap|HTTP|TLS)/i

/** What could keep a process alive, or cost a long-running one its sockets: one line for each. */
export interface OpenHandles {
  readonly timers: readonly string[]
  readonly datagramSockets: readonly string[]
  /** Kinds of the event loop's resources, sorted. */
  readonly carriers: readonly string[]
  /** Sockets of the process, those of native libraries included; 0 where the system does not say. */
  readonly sockets: number
}

export function openHandles(): OpenHandles {
  const keeping = [...waiting].filter(([timer]) => timer.hasRef()).map(([, place]) => place)
  return {
    timers: keeping.filter((place) => !EXCUSED.test(place)),
    datagramSockets: [...datagramSockets.values()].sort(),
    carriers: process
      .getActiveResourcesInfo()
      .filter((kind) => CARRIERS.test(kind))
      .sort(),
    sockets: openFiles().filter((target) => target.startsWith('socket:')).length,
  }
}

/** What this process has open, as the system sees it: paths, and names such as `socket:[4711]`. */
function openFiles(): string[] {
  const folder = '/proc/self/fd'
  return namesIn(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)]
    } catch {
      // Closed since it was listed.
      return []
    }
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** From now on timers and UDP sockets are known by the place that made them. The test runner's own are not seen. */
export function watchHandles(): void {
  watchTimers()
  const create = dgram.createSocket as (...args: unknown[]) => dgram.Socket
  const createSocket = (...args: unknown[]) => {
    const socket = create(...args)
    datagramSockets.set(socket, place())
    socket.once('close', () => datagramSockets.delete(socket))
    return socket
  }
  Object.assign(dgram, { createSocket })
  syncBuiltinESMExports()
}

function watchTimers(): void {
  const { setTimeout: setOnce, setInterval: setMany, clearTimeout: clearOnce, clearInterval: clearMany } = globalThis
  const set = (run: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => {
    const timer = setOnce(() => {
      waiting.delete(timer)
      run(...args)
    }, delayMs)
    waiting.set(timer, place())
    return timer
  }
  const setRepeated = (run: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => {
    const timer = setMany(run, delayMs, ...args)
    waiting.set(timer, place())
    return timer
  }
  const clear = (timer: NodeJS.Timeout | undefined) => {
    if (timer) waiting.delete(timer)
    clearOnce(timer)
    clearMany(timer)
  }
  Object.assign(globalThis, {
    setTimeout: Object.defineProperties(set, Object.getOwnPropertyDescriptors(setOnce)),
    setInterval: Object.defineProperties(setRepeated, Object.getOwnPropertyDescriptors(setMany)),
    clearTimeout: clear,
    clearInterval: clear,
  })
}

/** The caller of the timer's setter, and its caller. */
function place(): string {
  return (new Error().stack ?? '')
    .split('\n')
    .slice(3, 6)
    .map((line) => line.trim())
    .join(' < ')
}
