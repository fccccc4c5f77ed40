import { createHash } from 'node:crypto'
import { type Random, seededRandom } from '../../base/random.ts'

/** Draws of one source. Those that have a name are kept, so that a tally can say what has been tried. */
export class Chance {
  readonly #random: Random
  readonly #drawn = new Set<string>()

  constructor(source: string) {
    this.#random = seededRandom(createHash('sha256').update(source).digest().readUInt32BE())
  }

  get drawn(): readonly string[] {
    return [...this.#drawn]
  }

  happens(share: number, name?: string): boolean {
    const does = this.#random.below(1000) < share * 1000
    if (does && name !== undefined) this.#drawn.add(name)
    return does
  }

  between(low: number, high: number): number {
    return low + this.#random.below(high - low + 1)
  }

  oneOf<const T>(values: readonly T[]): T {
    return values[this.#random.below(values.length)]!
  }

  /** One of what is named, each as often as the others. */
  oneNamed<T>(menu: Readonly<Record<string, () => T>>): T {
    const name = this.oneOf(Object.keys(menu))
    this.#drawn.add(name)
    return menu[name]!()
  }
}
