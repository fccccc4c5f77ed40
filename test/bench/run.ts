/**
 * `npm run bench -- NAME [--json] [--OPTION VALUE]`: runs test/bench/NAME.ts and prints its figures. A figure is a ratio
 * to something measured in the same run wherever it can be: machines differ, and this one may be busy.
 */
import { readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'

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
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))

if (name === undefined || !known.includes(name)) {
  console.error(`usage: npm run bench -- NAME [--json] [--OPTION VALUE]; NAME is one of: ${known.join(', ')}`)
  process.exit(2)
}

const { bench } = (await import(`./${name}.ts`)) as { bench: (options: Options) => Promise<Figures> }
const figures = await bench(values)
if (values.json) console.log(JSON.stringify(figures))
else for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(24)} ${value}`)
process.exit(0)
