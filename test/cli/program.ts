import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** The program as a person starts it; `program` may be another that runs the same commands. */
export function start(args: readonly string[], program = main) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    written.stdout += chunk.toString('utf8')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk.toString('utf8')
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...written }))
  /** Resolves with the match when the program says so; rejects when it ends before. */
  const saysOn = (stream: 'stdout' | 'stderr', text: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = text.exec(written[stream])
        if (match) resolve(match)
      }
      child[stream].on('data', look)
      ended.then(() => reject(new Error(`ended without ${text}: ${written.stdout}${written.stderr}`)))
      look()
    })
  return {
    ended,
    logs: (text: RegExp) => saysOn('stderr', text),
    prints: (text: RegExp) => saysOn('stdout', text),
    signal: (name: NodeJS.Signals) => child.kill(name),
  }
}

export const run = (...args: string[]) => start(args).ended
