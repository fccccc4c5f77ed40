/** When copies of earlier packets are sent along: never, while the peer reports loss, or always. */
export type RedundancyPolicy = 'off' | 'on-loss' | 'always'

/** `negotiated`: as the server and the peer say. */
export type RedundancySetting = RedundancyPolicy | 'negotiated'

/** The level that the server names decides; when it names none, whether the peer announced that it takes copies. */
export function agreedRedundancy(
  setting: RedundancySetting,
  level: number | undefined,
  peerUsesCopies: boolean | undefined,
): RedundancyPolicy {
  if (setting !== 'negotiated') return setting
  return (level === undefined ? peerUsesCopies : level > 0) ? 'on-loss' : 'off'
}

/** In 256ths, as receivers report it. Above 5 %, less what they round off, a copy repairs more than its bits cost. */
const START_FRACTION = 12.5
/**
 * The reports of which the mean is taken, twelve seconds of ours. One covers 25 packets: two lost by chance, in a call
 * that loses 1 %, are 8 % of them.
 */
const REPORTS = 8
/** Below 1 % a copy repairs nothing. */
const STOP_FRACTION = 3
/** So long must the way stay clean before the copies end: loss comes in spells. */
const CLEAN_MS = 15_000

/** Decides by the peer's reports whether each packet takes a copy of the one before it along. */
export class RedundancyControl {
  readonly #policy: RedundancyPolicy
  /** The last fractions; those that have not come yet count as no loss. */
  readonly #fractions = new Uint8Array(REPORTS)
  #reports = 0
  #sum = 0
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
    const slot = this.#reports++ % REPORTS
    this.#sum += fractionLost - this.#fractions[slot]!
    this.#fractions[slot] = fractionLost
    if (fractionLost > STOP_FRACTION) this.#cleanSinceMs = undefined
    else this.#cleanSinceMs ??= nowMs
    const isClean = this.#cleanSinceMs !== undefined && nowMs - this.#cleanSinceMs >= CLEAN_MS
    this.#isOn = !isClean && (this.#isOn || this.#sum >= START_FRACTION * REPORTS)
  }
}
