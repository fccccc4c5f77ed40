import type { CoverageRow } from './coverage.ts'
import type { ScenarioResult } from './run-scenario.ts'

const HEAD = [
  'scenario',
  'result',
  'setup ms',
  'audio ms',
  'STOI to SIP',
  'to WhatsApp',
  'lost',
  'concealed ms',
  'took ms',
  'cause',
]

/** Results as a table, and under it what was wrong. */
export function resultTable(results: readonly ScenarioResult[]): string {
  const rows = results.map((result) => [
    result.scenario,
    result.ok ? 'ok' : 'FAILED',
    shown(result.setupMs),
    shown(result.answerToAudioMs),
    shown(result.stoiToPhone),
    shown(result.stoiToPeer),
    shown(result.lost),
    shown(result.concealedMs),
    shown(result.tookMs),
    result.causes.join(', '),
  ])
  const faults = results.flatMap(({ scenario, faults }) => faults.map((fault) => `${scenario}: ${fault}`))
  return [table([HEAD, ...rows]), ...(faults.length > 0 ? ['', ...faults] : [])].join('\n')
}

export function coverageTable(rows: readonly CoverageRow[]): string {
  const shownBy = (row: CoverageRow) => row.shownBy.join(', ') || 'NOTHING'
  return table([['row', 'means', 'shown by'], ...rows.map((row) => [row.row, row.means, shownBy(row)])])
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const shown = (value: number | null) => (value === null ? '-' : String(value))
