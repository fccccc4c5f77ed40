/** Figures of a run, for people: one line on standard output. They are asserted where they are measured. */
export function report(what: string, figures: object): void {
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${rounded(value)}`)
  process.stdout.write(`interop: ${what}: ${shown.join(', ')}\n`)
}

const rounded = (value: unknown) => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : String(value))
