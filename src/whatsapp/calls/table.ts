/** A call's state machine as rows: in these phases, on this input, when the guard holds: set, do, go to. */
export interface Rule<S extends { readonly phase: string }, I, A> {
  readonly in: readonly S['phase'][]
  readonly on: string
  readonly when: (state: S, input: I) => boolean
  readonly set: (state: S, input: I) => Partial<S>
  /** Sees the state after `set`, and as it was. */
  readonly do: (state: S, input: I, before: S) => readonly A[]
  readonly to: S['phase'] | undefined
}

export interface Step<S, A> {
  readonly state: S
  readonly actions: readonly A[]
}

/** The first row that fits gives the next state and what is to be done; undefined when none does. Pure. */
export function step<S extends { readonly phase: string }, I extends { readonly type: string }, A>(
  table: readonly Rule<S, I, A>[],
  state: S,
  input: I,
): Step<S, A> | undefined {
  const rule = table.find((row) => row.on === input.type && row.in.includes(state.phase) && row.when(state, input))
  if (!rule) return undefined
  const next: S = { ...state, ...rule.set(state, input), ...(rule.to === undefined ? {} : { phase: rule.to }) }
  return { state: next, actions: rule.do(next, input, state) }
}

/** A table with its present state. */
export interface Machine<I, A> {
  readonly phase: string
  /** Takes one input; undefined when no row fits. */
  take(input: I): readonly A[] | undefined
}

export function machineOf<S extends { readonly phase: string }, I extends { readonly type: string }, A>(
  table: readonly Rule<S, I, A>[],
  initial: S,
): Machine<I, A> {
  let state = initial
  return {
    get phase() {
      return state.phase
    },
    take(input) {
      const taken = step(table, state, input)
      if (taken) state = taken.state
      return taken?.actions
    },
  }
}

type Partly<S extends { readonly phase: string }, I, A> = Partial<Omit<Rule<S, I, A>, 'on' | 'in'>> & {
  readonly in: readonly S['phase'][]
}

/** Gives a table's row constructor: the input's type narrows what guard and actions see. */
export function rowsOf<S extends { readonly phase: string }, I extends { readonly type: string }, A>() {
  return <T extends I['type']>(on: T, row: Partly<S, Extract<I, { readonly type: T }>, A>): Rule<S, I, A> => {
    const full = { when: () => true, set: () => ({}), do: () => [], to: undefined, on, ...row }
    // `step` gives a row no input but of the type it names.
    return full as unknown as Rule<S, I, A>
  }
}
