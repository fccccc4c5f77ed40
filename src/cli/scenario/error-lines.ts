import type { LogFields, Logger } from '../../base/logger.ts'

/** More says nothing new, and a loop must not fill the memory. */
const KEPT = 20

/** A logger that passes everything on, and keeps what was said at level error: in a scenario that is a fault of ours. */
export class ErrorLines implements Logger {
  readonly #next: Logger
  readonly #lines: string[]

  constructor(next: Logger, lines: string[] = []) {
    this.#next = next
    this.#lines = lines
  }

  get faults(): readonly string[] {
    return this.#lines
  }

  debug(fields: LogFields, message: string): void {
    this.#next.debug(fields, message)
  }

  info(fields: LogFields, message: string): void {
    this.#next.info(fields, message)
  }

  warn(fields: LogFields, message: string): void {
    this.#next.warn(fields, message)
  }

  error(fields: LogFields, message: string): void {
    this.#next.error(fields, message)
    const { error, reason } = fields
    if (this.#lines.length < KEPT) this.#lines.push(`logged as an error: ${message} (${textOf(error ?? reason)})`)
  }

  child(fields: LogFields): Logger {
    return new ErrorLines(this.#next.child(fields), this.#lines)
  }
}

const textOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))
