type Step = () => unknown

/** Runs every step, one after the other, whatever becomes of those before it; then throws what went wrong, if anything. */
export async function endAll(steps: readonly Step[]): Promise<void> {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  report(errors)
}

/** As `endAll`, all at the same time. */
export async function endTogether(steps: readonly Step[]): Promise<void> {
  const results = await Promise.allSettled(steps.map(async (step) => step()))
  report(results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : [])))
}

/** One error is thrown as it is, several as an `AggregateError` whose message has them all. */
function report(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('; '))
}
