import type { Call } from './call.ts'
import { RecentSet } from './recent-set.ts'

/** An account's calls that are not over, and the ids of the last `remembered` that are. */
export class LiveCalls {
  readonly #calls = new Map<string, Call>()
  readonly #over: RecentSet

  constructor(remembered: number) {
    this.#over = new RecentSet(remembered)
  }

  get size(): number {
    return this.#calls.size
  }

  get(callId: string): Call | undefined {
    return this.#calls.get(callId)
  }

  /** A copy: what is done to a call may end it and begin others. */
  list(): readonly Call[] {
    return [...this.#calls.values()]
  }

  add(call: Call): void {
    this.#calls.set(call.callId, call)
  }

  /** Also for a call that never was one of these. */
  end(callId: string): void {
    this.#calls.delete(callId)
    this.#over.add(callId)
  }

  isOver(callId: string): boolean {
    return this.#over.has(callId)
  }
}
