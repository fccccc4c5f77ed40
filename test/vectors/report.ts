import { basename } from 'node:path'
import { afterAll, expect } from 'vitest'

interface Row {
  stream: string
  what: string
  figure: number
  limit: string
  met: boolean
}

/** Collects what a suite measures, checks it against its limit, and prints all of it as a table at the suite's end. */
export class ConformanceReport {
  readonly #title: string
  readonly #rows: Row[] = []

  constructor(title: string) {
    this.#title = title
    afterAll(() => this.#print())
  }

  atLeast(path: string, what: string, figure: number, limit: number): void {
    this.#add(path, what, figure, `≥ ${figureText(limit)}`, figure >= limit)
  }

  atMost(path: string, what: string, figure: number, limit: number): void {
    this.#add(path, what, figure, `≤ ${figureText(limit)}`, figure <= limit)
  }

  /** `equal` of `total` agree; all must, and there must be some. */
  allEqual(path: string, what: string, equal: number, total: number): void {
    this.#add(path, what, equal, `= ${total}`, equal === total && total > 0)
  }

  #add(path: string, what: string, figure: number, limit: string, met: boolean): void {
    const stream = basename(path)
    this.#rows.push({ stream, what, figure, limit, met })
    expect(met, `${stream}: ${what} is ${figure}, must be ${limit}`).toBe(true)
  }

  #print(): void {
    const cells = this.#rows.map(({ stream, what, figure, limit, met }) => [
      stream,
      what,
      figureText(figure),
      limit,
      met ? '' : 'FAILS',
    ])
    const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column].length)))
    const lines = cells.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join('  '))
    console.log(`${this.#title}\n${lines.join('\n')}`)
  }
}

function figureText(figure: number): string {
  return Number.isInteger(figure) ? `${figure}` : figure.toPrecision(4)
}
