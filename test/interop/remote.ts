import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What one process does for another: named actions with at most one argument; both ways go what can be cloned. */
export type Actions<A> = { readonly [K in keyof A]: (argument: never) => unknown } & {
  readonly stop: () => Promise<void>
}

interface Request {
  readonly id: number
  readonly action: string
  readonly argument: unknown
}

type Reply = { readonly id: number } & ({ readonly result: unknown } | { readonly error: string })

const OUTPUT_LIMIT = 1_000_000
const LINGERING_MS = 2_000
const END_LIMIT_MS = 40_000

/**
 * In the child: answers the parent's requests until `stop` has been answered. From then on nothing of this file keeps
 * the process alive: it ends by itself unless something that it ran was left open.
 */
export function serve<A extends Actions<A>>(actions: A): void {
  let isStopping = false
  process.on('disconnect', () => {
    if (!isStopping) process.exit(1)
    const accuse = () => console.error(`still open: ${process.getActiveResourcesInfo().join(' ')}`)
    setTimeout(accuse, LINGERING_MS).unref()
  })
  process.on('message', ({ id, action, argument }: Request) => {
    if (action === 'stop') isStopping = true
    const settle = (reply: Reply) => process.send?.(reply, () => isStopping && process.disconnect())
    Promise.resolve(argument as never)
      .then(actions[action as keyof A])
      .then(
        (result) => settle({ id, result }),
        (error: unknown) => settle({ id, error: error instanceof Error ? `${error.stack}` : String(error) }),
      )
  })
}

/** In the parent: a process of ours that serves `A`. */
export class Remote<A extends Actions<A>> {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #asked = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  readonly #exited: Promise<number>
  #nextId = 1
  #output = ''

  /** `nodeFlags` are for the process's own Node. */
  constructor(name: string, script: URL, nodeFlags: readonly string[] = []) {
    this.#name = name
    this.#child = fork(fileURLToPath(script), {
      execArgv: ['--import', 'tsx', ...nodeFlags],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-OUTPUT_LIMIT)
    }
    this.#child.stdout?.on('data', keep)
    this.#child.stderr?.on('data', keep)
    this.#child.on('message', (reply: Reply) => {
      const { resolve, reject } = this.#asked.get(reply.id) ?? {}
      this.#asked.delete(reply.id)
      if ('error' in reply) reject?.(new Error(`${name}: ${reply.error}`))
      else resolve?.(reply.result as never)
    })
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        for (const { reject } of this.#asked.values())
          reject(new Error(`${name} ended (${code ?? signal}); log:\n${this.#output.slice(-2000)}`))
        resolve(code ?? -1)
      })
    })
  }

  get isRunning(): boolean {
    return this.#child.connected
  }

  /** Its log. */
  get output(): string {
    return this.#output
  }

  ask<K extends keyof A & string>(action: K, ...[argument]: Parameters<A[K]>): Promise<Awaited<ReturnType<A[K]>>> {
    const request: Request = { id: this.#nextId++, action, argument }
    return new Promise((resolve, reject) => {
      if (!this.isRunning) return reject(new Error(`${this.#name} has ended; log:\n${this.#output.slice(-2000)}`))
      this.#asked.set(request.id, { resolve, reject })
      this.#child.send(request)
    })
  }

  /**
   * Stops what it runs and waits for the process to end by itself.
   *
   * @throws when a socket, a timer or an error kept it from that.
   */
  async end(): Promise<void> {
    const stop: Promise<unknown> = this.ask('stop', ...([] as unknown as Parameters<A['stop']>))
    await stop
    const limit = setTimeout(() => this.kill(), END_LIMIT_MS)
    const code = await this.#exited
    clearTimeout(limit)
    if (code !== 0) throw new Error(`${this.#name} did not end well (${code}); log:\n${this.#output.slice(-2000)}`)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
