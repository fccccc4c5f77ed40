/**
 * `npm run bench -- NAME [--json] [--OPTION VALUE]`: runs test/bench/NAME.ts and prints its figures. A figure is a ratio
 * to something measured in the same run wherever it can be: machines differ, and this one may be busy. A bench with limits
 * says which are kept, and the exit code is 1 when one is missed.
 */
import { readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { judge, type Limit } from './limits.ts'

export type Figures = Readonly<Record<string, number | string>>

/** What the command line says beyond the name; each bench has defaults. */
export interface Options {
  readonly calls?: string | undefined
  readonly minutes?: string | undefined
  /** A folder for CPU profiles. */
  readonly profile?: string | undefined
}

const text = { type: 'string' } as const
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, calls: text, minutes: text, profile: text },
})
const [name] = positionals
const known = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts') && !['run.ts', 'limits.ts'].includes(file))
  .map((file) => file.slice(0, -3))

if (name === undefined || !known.includes(name)) {
  console.error(`usage: npm run bench -- NAME [--json] [--OPTION VALUE]; NAME is one of: ${known.join(', ')}`)
  process.exit(2)
}

interface Bench {
  readonly bench: (options: Options) => Promise<Figures>
  readonly LIMITS?: readonly Limit[]
}

const { bench, LIMITS = [] } = (await import(`./${name}.ts`)) as Bench
const figures = await bench(values)
const verdicts = judge(figures, LIMITS)
const missed = verdicts.filter(({ result }) => result === 'MISSED').map(({ figure }) => figure)
if (values.json) console.log(JSON.stringify(LIMITS.length > 0 ? { ...figures, missed } : figures))
else {
  for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(24)} ${value}`)
  for (const { figure, result, limit } of verdicts) console.log(`${result.padEnd(12)} ${figure} ${limit}`)
}
process.exit(missed.length > 0 ? 1 : 0)
