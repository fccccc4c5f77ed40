import { kernelFloats, kernels } from './kernels.ts'

/** Samples of a subframe. */
const LENGTH = 80
/** Highest lag at which the response correlates with itself. */
const SIDE = 31
/** Where the negated half of the doubled correlations begins. */
const NEGATED = 2 * SIDE + 2
const MOST_PULSES = 40
/** Survivors of all pulse numbers together, and of one. */
const TOTAL_SURVIVORS = 25
const MOST_SURVIVORS = 4
const TINY = 1e-16

/** A set of pulses under construction. */
class Survivor {
  /** Positions in the order in which they were taken. */
  readonly order = new Uint8Array(MOST_PULSES)
  /** What the pulses would add to the energy of a further pulse at each position: twice their overlap with it. */
  readonly overlap = kernelFloats(LENGTH + 2)
  /** Sum of |target| over the pulses. */
  numerator = 0
  /** Energy of the filtered pulses. */
  denominator = 0
  /** Sum of one random number per pulse: equal for equal sets. */
  hash = 0

  start(): void {
    this.overlap.fill(0)
    this.numerator = 0
    this.denominator = TINY
    this.hash = 0
  }

  copy(other: Survivor, pulses: number): void {
    for (let k = 0; k < pulses; k++) this.order[k] = other.order[k]
    this.overlap.set(other.overlap)
    this.numerator = other.numerator
    this.denominator = other.denominator
    this.hash = other.hash
  }
}

/** Random numbers for set comparison: a fixed multiplicative sequence. */
const POSITION_HASH = Float64Array.from({ length: LENGTH }, (_, n) => ((n + 1) * 2654435761) % 4294967296)

/**
 * Chooses signed unit pulses that explain a target best: largest numerator^2 / denominator, where a further pulse
 * must raise it by a price. Several sets are followed at once while there are few pulses, one when there are many.
 */
export class PulseSearch {
  /** Chosen positions 0 .. 79 in the order of choice, `count` of them; a position may occur more than once. */
  readonly order = new Uint8Array(MOST_PULSES)
  count = 0
  /** Sum of |target| over the chosen pulses. */
  numerator = 0
  /** Energy of the chosen pulses behind the filter. */
  denominator = 0
  // What a search goes by beside its arguments; numbers with fractions as arguments would need a box for each call.
  /** What a pulse must add to the merit. */
  price = 0
  /** Merit that no set can exceed. */
  limit = 0

  readonly #magnitude = kernelFloats(LENGTH)
  /** 1 or -1; a value behind the last keeps the kernel's pairs whole. */
  readonly #sign = kernelFloats(LENGTH + 1)
  /** Energy of the response. */
  #energy = 0
  /** Its correlations at the lags -31 .. 31 times two, and the same times minus two. */
  readonly #twiceCorrelation = kernelFloats(2 * NEGATED)
  /** Position, numerator and denominator of every pulse while there is one survivor. */
  readonly #trail = kernelFloats(3 * MOST_PULSES)
  #generation: Survivor[] = Array.from({ length: MOST_SURVIVORS }, () => new Survivor())
  #next: Survivor[] = Array.from({ length: MOST_SURVIVORS }, () => new Survivor())
  #alive = 0
  readonly #survivors = new Uint8Array(MOST_PULSES + 2)
  #survivorsFor = -1
  readonly #candidateParent = new Uint8Array(MOST_SURVIVORS)
  readonly #candidatePosition = new Uint8Array(MOST_SURVIVORS)
  readonly #candidateMerit = new Float64Array(MOST_SURVIVORS)
  readonly #candidateHash = new Float64Array(MOST_SURVIVORS)
  #candidates = 0
  // The set on offer; arguments that are no small integers would need a box for each call.
  #offeredMerit = 0
  #offeredHash = 0
  /** Pulse numbers, from the first on, at which one set survives. */
  #singles = 0
  /** Merit that the next number must exceed, its price not yet added. */
  #bar = 0

  /**
   * @param target 80 correlations of the target with the filter's response at each position
   * @param toeplitz the response's autocorrelation at the lags -31 .. 31
   * @param most pulses at most
   */
  search(target: Float64Array, toeplitz: Float64Array, most: number): void {
    this.count = 0
    this.numerator = 0
    this.denominator = 0
    if (most === 0 || !(toeplitz[SIDE] > 0)) return
    for (let n = 0; n < LENGTH; n++) {
      this.#magnitude[n] = Math.abs(target[n])
      this.#sign[n] = target[n] > 0 ? 1 : -1
    }
    this.#energy = toeplitz[SIDE]
    for (let lag = 0; lag <= 2 * SIDE; lag++) {
      this.#twiceCorrelation[lag] = 2 * toeplitz[lag]
      this.#twiceCorrelation[NEGATED + lag] = -2 * toeplitz[lag]
    }
    this.#planSurvivors(most)
    this.#generation[0].start()
    this.#alive = 1
    this.#bar = 0
    const singles = this.#singles
    if (singles > 0 && this.#followOne(singles) < singles) return
    for (let pulses = singles + 1; pulses <= most; pulses++) {
      this.#bar += this.price
      if (this.#bar >= this.limit) return
      this.#extend(pulses, pulses === most)
      const merit = this.#candidateMerit[0]
      if (merit > this.#bar) {
        this.#bar = merit
        this.#keep(pulses)
      }
    }
  }

  /** Adds the first `wanted` pulses to the only set there is; returns how many were added before `limit` was reached. */
  #followOne(wanted: number): number {
    const { price, limit } = this
    const only = this.#generation[0]
    const trail = this.#trail
    const added = kernels.addBestPulses(
      this.#magnitude.byteOffset,
      this.#sign.byteOffset,
      this.#twiceCorrelation.byteOffset,
      only.overlap.byteOffset,
      1,
      wanted,
      price,
      limit,
      trail.byteOffset,
    )
    for (let pulses = 1, at = 0; pulses <= added; pulses++, at += 3) {
      const position = trail[at]
      only.order[pulses - 1] = position
      only.hash += POSITION_HASH[position]
      only.numerator = trail[at + 1]
      only.denominator = trail[at + 2]
      this.#bar += price
      const merit = (only.numerator * only.numerator) / only.denominator
      if (merit > this.#bar) {
        this.#bar = merit
        this.#keep(pulses)
      }
    }
    return added
  }

  /** Spreads the survivors over the pulse numbers: few sets of many pulses rather than many. */
  #planSurvivors(most: number): void {
    if (this.#survivorsFor === most) return
    this.#survivorsFor = most
    const survivors = this.#survivors
    survivors.fill(1)
    this.#singles = most
    if (most === 1) return
    const extra = Math.min(Math.max(Math.floor((TOTAL_SURVIVORS - most) / (most - 1)), 0), MOST_SURVIVORS - 1)
    let total = 1
    for (let number = 1; number < most; number++) {
      survivors[number] += extra
      total += survivors[number]
    }
    for (let number = most - 1; number >= 1 && total < TOTAL_SURVIVORS; number--) {
      if (survivors[number] === MOST_SURVIVORS) continue
      survivors[number] += 1
      total += 1
    }
    this.#singles = 0
    while (this.#singles < most && survivors[this.#singles + 1] === 1) this.#singles += 1
  }

  /** Adds pulse number `pulses` to the survivors; the best comes first, and so does its merit among the candidates'. */
  #extend(pulses: number, isLast: boolean): void {
    const wanted = this.#survivors[pulses]
    this.#candidates = 0
    for (let parent = 0; parent < this.#alive; parent++) {
      if (wanted === 1) this.#enterBest(parent)
      else this.#collectCandidates(parent, wanted)
    }
    for (let c = 0; c < this.#candidates; c++) {
      const child = this.#next[c]
      child.copy(this.#generation[this.#candidateParent[c]], pulses - 1)
      this.#addPulse(child, this.#candidatePosition[c], pulses, isLast)
    }
    const spent = this.#generation
    this.#generation = this.#next
    this.#next = spent
    this.#alive = this.#candidates
  }

  #enterBest(parent: number): void {
    const { overlap, numerator, denominator, hash } = this.#generation[parent]
    const energy = denominator + this.#energy
    const n = kernels.bestPulse(this.#magnitude.byteOffset, overlap.byteOffset, LENGTH, numerator, energy)
    const sum = numerator + this.#magnitude[n]
    this.#offeredMerit = (sum * sum) / (energy + overlap[n])
    this.#offeredHash = hash + POSITION_HASH[n]
    if (this.#candidates === 0 || this.#offeredMerit > this.#candidateMerit[0]) this.#enter(parent, n, 1)
  }

  /** Enters the extensions of one survivor into the list of the best `wanted` different sets. */
  #collectCandidates(parent: number, wanted: number): void {
    const survivor = this.#generation[parent]
    const magnitude = this.#magnitude
    const overlap = survivor.overlap
    const { numerator, hash } = survivor
    const denominator = survivor.denominator + this.#energy
    let least = this.#candidates === wanted ? this.#candidateMerit[wanted - 1] : -1
    for (let n = 0; n < LENGTH; n++) {
      const sum = numerator + magnitude[n]
      const energy = denominator + overlap[n]
      if (!(sum * sum > least * energy)) continue
      this.#offeredMerit = (sum * sum) / energy
      this.#offeredHash = hash + POSITION_HASH[n]
      this.#enter(parent, n, wanted)
      if (this.#candidates === wanted) least = this.#candidateMerit[wanted - 1]
    }
  }

  /** Enters the set on offer into the list of candidates, unless it is there already. */
  #enter(parent: number, position: number, wanted: number): void {
    const merit = this.#offeredMerit
    const hash = this.#offeredHash
    const merits = this.#candidateMerit
    for (let c = 0; c < this.#candidates; c++) if (this.#candidateHash[c] === hash) return
    let at = this.#candidates < wanted ? this.#candidates++ : wanted - 1
    for (; at > 0 && merit > merits[at - 1]; at--) {
      merits[at] = merits[at - 1]
      this.#candidateParent[at] = this.#candidateParent[at - 1]
      this.#candidatePosition[at] = this.#candidatePosition[at - 1]
      this.#candidateHash[at] = this.#candidateHash[at - 1]
    }
    merits[at] = merit
    this.#candidateParent[at] = parent
    this.#candidatePosition[at] = position
    this.#candidateHash[at] = hash
  }

  /** Adds a pulse to a set; the overlap with further ones is not needed after the last. */
  #addPulse(survivor: Survivor, position: number, pulses: number, isLast: boolean): void {
    const sign = this.#sign
    const overlap = survivor.overlap
    survivor.numerator += this.#magnitude[position]
    survivor.denominator += this.#energy + overlap[position]
    survivor.hash += POSITION_HASH[position]
    survivor.order[pulses - 1] = position
    if (isLast) return
    const twice = this.#twiceCorrelation.byteOffset + (sign[position] > 0 ? 0 : 8 * NEGATED)
    const first = Math.max(position - SIDE, 0)
    const last = Math.min(position + SIDE, LENGTH - 1)
    const from = 8 * first
    const lagFrom = 8 * (SIDE + first - position)
    kernels.addSigned(overlap.byteOffset + from, sign.byteOffset + from, twice + lagFrom, last - first + 1)
  }

  #keep(pulses: number): void {
    const best = this.#generation[0]
    for (let k = 0; k < pulses; k++) this.order[k] = best.order[k]
    this.count = pulses
    this.numerator = best.numerator
    this.denominator = best.denominator
  }
}
