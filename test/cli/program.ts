import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** The program as a person starts it. */
export function start(args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    written.stdout += chunk.toString('utf8')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk.toString('utf8')
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...written }))
  /** Resolves when the log says so; rejects when the program ends before. */
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => written.stderr.includes(text) && resolve()
      child.stderr.on('data', look)
      ended.then(() => reject(new Error(`ended without "${text}": ${written.stderr}`)))
      look()
    })
  return { ended, says, signal: (name: NodeJS.Signals) => child.kill(name) }
}

export const run = (...args: string[]) => start(args).ended
