import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../base/errors.ts'
import { type NamedScenario, yamlOf } from './load.ts'
import type { ScenarioResult } from './run-scenario.ts'

/** A test by the words in its title. */
const testSchema = z.strictObject({ file: z.string().regex(/^test\//, 'is no test'), test: z.string().min(5) })

const TITLE = /\(\s*(?:'((?:[^'\\\n]|\\.)*)'|`([^`]*)`)/g

type Rows = z.infer<typeof rowsSchema>

/** The list of a file. */
export interface RowList {
  readonly path: string
  readonly rows: Rows
}

/**
 * What the scenarios have to show: rows, what each means, for those that no scenario can show the test that does, and for
 * those that are not built the document that says why.
 */
const rowsSchema = z.record(
  z.string().regex(/^[1-5]\/[a-z0-9-]+$/, 'not the name of a row'),
  z.union([
    z.string(),
    z.strictObject({ means: z.string(), shownBy: testSchema }),
    z.strictObject({ means: z.string(), documentedIn: z.string().regex(/^docs\//, 'is no document') }),
  ]),
)

export interface CoverageRow {
  readonly row: string
  readonly means: string
  /** Scenarios, or a test with its file; for a row that is not built, `not built, see` its document. Empty: a gap. */
  readonly shownBy: readonly string[]
}

/** Throws `ConfigError` for a list that cannot be read, and for scenarios that cover what is not in it. */
export function rowList(path: string, scenarios: readonly NamedScenario[]): RowList {
  const rows = rowsSchema.safeParse(yamlOf(path))
  if (!rows.success) throw new ConfigError('usage.rows', `${path}: ${rows.error.issues[0]?.message}`)
  const unknown = scenarios.flatMap(({ name, scenario }) =>
    scenario.covers
      .filter((row) => !Object.hasOwn(rows.data, row))
      .map((row) => `${name}: covers ${row}, which is not in ${path}`),
  )
  if (unknown.length > 0) throw new ConfigError('usage.rows', unknown.join('\n'))
  return { path, rows: rows.data }
}

/** Each row of the list with what shows it. */
export function coverage({ path: list, rows }: RowList, results: readonly ScenarioResult[]): readonly CoverageRow[] {
  return Object.entries(rows).map(([row, entry]) => {
    const scenarios = results.filter(({ covers }) => covers.includes(row)).map(({ scenario }) => scenario)
    if (typeof entry === 'string') return { row, means: entry, shownBy: scenarios }
    const standsIn = 'shownBy' in entry ? testOf(entry.shownBy, list) : documentOf(entry.documentedIn, list)
    return { row, means: entry.means, shownBy: [...scenarios, ...standsIn] }
  })
}

/** Only a test of that title: words in quotes that open a call. Tests that are skipped do not pass `npm run check`. */
function testOf({ file, test }: z.infer<typeof testSchema>, list: string): string[] {
  const path = placeOf(file, list)
  if (path === undefined) return []
  const titles = readFileSync(path, 'utf8').matchAll(TITLE)
  const isThere = [...titles].some(([, quoted, template]) => (quoted ?? template)?.endsWith(test))
  return isThere ? [`${file}: ${test}`] : []
}

const documentOf = (path: string, list: string) => (placeOf(path, list) === undefined ? [] : [`not built, see ${path}`])

/** A list names files as seen from the root of its project: the working directory, or one that the list lies in. */
function placeOf(path: string, list: string): string | undefined {
  const roots = [process.cwd()]
  for (let folder = dirname(resolve(list)); folder !== dirname(folder); folder = dirname(folder)) roots.push(folder)
  return roots.map((root) => join(root, path)).find((place) => existsSync(place))
}
