import type { Figures } from './run.ts'

/** What a figure must keep to; one that a short run cannot give is not judged. */
export type Limit = { readonly figure: string } & ({ readonly atMost: number } | { readonly atLeast: number })

export interface Verdict {
  readonly figure: string
  readonly result: 'ok' | 'MISSED' | 'not measured'
  readonly limit: string
}

export function judge(figures: Figures, limits: readonly Limit[]): readonly Verdict[] {
  return limits.map((limit) => {
    const { figure } = limit
    const value = figures[figure]
    const text = 'atMost' in limit ? `at most ${limit.atMost}` : `at least ${limit.atLeast}`
    if (typeof value === 'string') return { figure, result: 'not measured', limit: text }
    // NaN and a figure that is not there keep to nothing.
    const keeps = value !== undefined && ('atMost' in limit ? value <= limit.atMost : value >= limit.atLeast)
    return { figure, result: keeps ? 'ok' : 'MISSED', limit: text }
  })
}
