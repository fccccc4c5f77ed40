import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../base/errors.ts'
import { yamlOf } from './load.ts'
import type { ScenarioResult } from './run-scenario.ts'

/**
 * What the scenarios have to show: rows, what each means, for those that no scenario can show the test that does, and for
 * those that are not built the document that says why.
 */
const rowsSchema = z.record(
  z.string().regex(/^[1-5]\/[a-z0-9-]+$/, 'not the name of a row'),
  z.union([
    z.string(),
    z.strictObject({ means: z.string(), shownBy: z.string().regex(/^test\//, 'is no test') }),
    z.strictObject({ means: z.string(), documentedIn: z.string().regex(/^docs\//, 'is no document') }),
  ]),
)

export interface CoverageRow {
  readonly row: string
  readonly means: string
  /** Scenarios, or a test file; for a row that is not built, `not built, see` its document. Empty: a gap. */
  readonly shownBy: readonly string[]
}

/** Each row of the list with what shows it. Throws `ConfigError` for a list that cannot be read. */
export function coverage(path: string, results: readonly ScenarioResult[]): readonly CoverageRow[] {
  const rows = rowsSchema.safeParse(yamlOf(path))
  if (!rows.success) throw new ConfigError('usage.rows', `${path}: ${rows.error.issues[0]?.message}`)
  const unknown = results.flatMap(({ scenario, covers }) =>
    covers.filter((row) => !(row in rows.data)).map((row) => `${scenario}: covers ${row}, which is not in ${path}`),
  )
  if (unknown.length > 0) throw new ConfigError('usage.rows', unknown.join('\n'))
  return Object.entries(rows.data).map(([row, entry]) => {
    const scenarios = results.filter(({ covers }) => covers.includes(row)).map(({ scenario }) => scenario)
    if (typeof entry === 'string') return { row, means: entry, shownBy: scenarios }
    const isBuilt = 'shownBy' in entry
    const path = isBuilt ? entry.shownBy : entry.documentedIn
    const standsIn = isBuilt ? path : `not built, see ${path}`
    return { row, means: entry.means, shownBy: existsSync(resolve(path)) ? [...scenarios, standsIn] : scenarios }
  })
}
