import { type ChildProcess, spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'

/** A program nobody here wrote, driven by its command line, its input and its output. Whoever starts it calls `stop`. */
export class Program {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #waiting = new Set<() => void>()
  #output = ''
  readonly exited: Promise<number>

  constructor(name: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.#name = name
    this.#child = spawn(name, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    prefer(this.#child.pid)
    // What was typed at a program that has ended is seen by who waits for its answer.
    this.#child.stdin?.on('error', () => {})
    const take = (chunk: Buffer) => {
      this.#output += chunk.toString('latin1')
      for (const check of this.#waiting) check()
    }
    this.#child.stdout?.on('data', take)
    this.#child.stderr?.on('data', take)
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code, signal) => {
        resolve(code ?? (signal ? 128 : 1))
        for (const check of this.#waiting) check()
      })
    })
  }

  get output(): string {
    return this.#output
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /**
   * Resolves with the match once the output, from position `from` on, holds `pattern`; rejects with the output's end
   * when it never does.
   */
  waitFor(pattern: RegExp, timeoutMs: number, from = 0): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(check)
        act()
      }
      const fail = (why: string) =>
        settle(() =>
          reject(new Error(`${this.#name}: ${why} waiting for ${pattern}; output:\n${this.#output.slice(-3000)}`)),
        )
      const check = () => {
        const match = pattern.exec(this.#output.slice(from))
        if (match) settle(() => resolve(match))
        else if (this.#child.exitCode !== null) fail('ended')
      }
      const timer = setTimeout(() => fail('timeout'), timeoutMs)
      this.#waiting.add(check)
      check()
    })
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill(signal)
    const hard = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await this.exited
    clearTimeout(hard)
  }
}

/** Phones on desks do not wait for a machine that does other work. Threads to come inherit it. */
function prefer(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST)
  } catch {
    // Not root: as everything else here then.
  }
}
