import { ConfigError } from '../../base/errors.ts'

/**
 * Even ports for RTP, each with the odd one above it for RTCP (RFC 3550, section 11). A port that is given back goes to the
 * end of the row: packets that are still under way to an ended call meet the next one as late as possible.
 */
export class PortRange {
  readonly #free: number[] = []
  readonly #taken = new Set<number>()

  /** Pairs that lie wholly within `first` to `last`. Throws `ConfigError` when there is none. */
  constructor(first: number, last: number) {
    for (let port = first + (first & 1); port + 1 <= last; port += 2) this.#free.push(port)
    if (this.#free.length === 0 || first < 1 || last > 65_535) {
      throw new ConfigError(
        'config.port-range',
        `ports ${first} to ${last}: at least one even port and its successor, 1 to 65535`,
      )
    }
  }

  get available(): number {
    return this.#free.length
  }

  /** An even port, or undefined when all are taken. Give it back with `release`, also when it could not be bound. */
  take(): number | undefined {
    const port = this.#free.shift()
    if (port !== undefined) this.#taken.add(port)
    return port
  }

  release(port: number): void {
    if (this.#taken.delete(port)) this.#free.push(port)
  }
}
