import { randomBytes as cryptoRandomBytes, randomInt } from 'node:crypto'

/** Randomness as the rooms see it; tests may put a seeded source here. */
export interface Random {
  bytes(count: number): Uint8Array
  /** A uniform integer in [0, limit). */
  below(limit: number): number
}

export const systemRandom: Random = {
  bytes: (count) => new Uint8Array(cryptoRandomBytes(count)),
  below: (limit) => randomInt(limit),
}

/** A repeatable source (xorshift32) for tests and the simulator's faults. Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0 || 0x9e3779b9
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 255),
    below: (limit) => next() % limit,
  }
}

export function randomHex(bytes: number, random: Random = systemRandom): string {
  return Buffer.from(random.bytes(bytes)).toString('hex')
}
