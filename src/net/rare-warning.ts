import type { LogFields, Logger } from '../base/logger.ts'

/** Logs the 1st, 2nd, 4th, 8th… time that something happens: what others cause must not fill the log. */
export class RareWarning {
  readonly #logger: Logger
  readonly #message: string
  #count = 0

  constructor(logger: Logger, message: string) {
    this.#logger = logger
    this.#message = message
  }

  happened(fields: LogFields): void {
    this.#count++
    if ((this.#count & (this.#count - 1)) === 0) this.#logger.warn({ ...fields, errors: this.#count }, this.#message)
  }
}
