/**
 * `npm run bench -- NAME [--json]`: runs test/bench/NAME.ts and prints its figures. A figure is a ratio to something
 * measured in the same run wherever it can be: machines differ, and this one may be busy.
 */
import { readdirSync } from 'node:fs'

export type Figures = Readonly<Record<string, number | string>>

const [name, ...flags] = process.argv.slice(2)
const known = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))

if (name === undefined || !known.includes(name)) {
  console.error(`usage: npm run bench -- NAME [--json]; NAME is one of: ${known.join(', ')}`)
  process.exit(2)
}

const { bench } = (await import(`./${name}.ts`)) as { bench: () => Promise<Figures> }
const figures = await bench()
if (flags.includes('--json')) console.log(JSON.stringify(figures))
else for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(24)} ${value}`)
process.exit(0)
