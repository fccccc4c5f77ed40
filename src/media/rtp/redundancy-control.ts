/** When copies of earlier packets are sent along: never, while the peer reports loss, or always. */
export type RedundancyPolicy = 'off' | 'on-loss' | 'always'

/** In 256ths, as receivers report it. Above 5 % a copy repairs more than its bits cost; below 1 % it repairs nothing. */
const START_FRACTION = 13
const STOP_FRACTION = 3
/** So long must the way stay clean before the copies end: loss comes in spells. */
const CLEAN_MS = 15_000

/** Decides by the peer's reports whether each packet takes a copy of the one before it along. */
export class RedundancyControl {
  readonly #policy: RedundancyPolicy
  #isOn: boolean
  #cleanSinceMs: number | undefined

  constructor(policy: RedundancyPolicy) {
    this.#policy = policy
    this.#isOn = policy === 'always'
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** `fractionLost` of a report block about our stream, in 256ths. */
  note(fractionLost: number, nowMs: number): void {
    if (this.#policy !== 'on-loss') return
    if (fractionLost >= START_FRACTION) this.#isOn = true
    if (fractionLost > STOP_FRACTION) this.#cleanSinceMs = undefined
    else this.#cleanSinceMs ??= nowMs
    if (this.#cleanSinceMs !== undefined && nowMs - this.#cleanSinceMs >= CLEAN_MS) this.#isOn = false
  }
}
