import type { Clock } from '../../base/clock.ts'
import { parseAckError } from '../stanza/call-ack.ts'
import type { CallQueryResult, WaNode } from '../wa-client.ts'

/** What the server's `<ack class="call">` says. One that breaks our bounds counts as a refusal with code 0. */
export function resultOfCallAck(ack: WaNode): CallQueryResult {
  const code = errorCodeOf(ack)
  return code === undefined ? { kind: 'ack', ack } : { kind: 'error', code }
}

function errorCodeOf(ack: WaNode): number | undefined {
  try {
    return parseAckError(ack)
  } catch {
    return 0
  }
}

/** `<call>` stanzas that wait for their ack, by stanza id. Every one is settled once: by ack, by timeout, or by loss of the connection. */
export class PendingCallQueries {
  readonly #clock: Clock
  readonly #pending = new Map<string, (result: CallQueryResult) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Registers before sending, so that no ack can come too early. A `send` that rejects counts as `offline`. */
  ask({ attrs: { id } }: WaNode, timeoutMs: number, send: () => Promise<void>): Promise<CallQueryResult> {
    if (!id) throw new TypeError('a call query carries an id')
    return new Promise((resolve) => {
      const settle = (result: CallQueryResult) => {
        timer.cancel()
        this.#pending.delete(id)
        resolve(result)
      }
      const timer = this.#clock.after(timeoutMs, () => settle({ kind: 'timeout' }))
      this.#pending.set(id, settle)
      send().catch(() => settle({ kind: 'offline' }))
    })
  }

  settle(ack: WaNode): void {
    this.#pending.get(ack.attrs.id ?? '')?.(resultOfCallAck(ack))
  }

  settleAllOffline(): void {
    for (const settle of [...this.#pending.values()]) settle({ kind: 'offline' })
  }
}
