import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { onSip, onWhatsApp, onWhatsAppWithoutCopies } from '../quality/conditions.ts'
import { costOfLoss, type Figures, LIMIT, measureRow } from '../quality/figures.ts'
import { report } from '../quality/report.ts'

const docs = new URL('../../docs/', import.meta.url)
const figures = JSON.parse(readFileSync(new URL('quality/figures.json', docs), 'utf8')) as Figures

const SHORT_S = 40

describe('docs/quality.md', () => {
  it('is what the command wrote, of all conditions', () => {
    expect(readFileSync(new URL('quality.md', docs), 'utf8')).toBe(report(figures))
    for (const [rows, conditions] of [
      [figures.whatsApp, onWhatsApp],
      [figures.withoutCopies, onWhatsAppWithoutCopies],
      [figures.sip, onSip],
    ] as const) {
      expect(rows.map(({ name }) => name)).toEqual(conditions.map(({ name }) => name))
    }
  })

  it('shows plots that are pictures', () => {
    for (const [, path] of report(figures).matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      expect(readFileSync(new URL(path, docs)).subarray(1, 4).toString()).toBe('PNG')
    }
  })

  it('holds its limit', () => {
    for (const rows of [figures.whatsApp, figures.sip]) {
      expect(costOfLoss(figures.whatsApp[0], rows)).toBeLessThanOrEqual(LIMIT)
    }
  })
})

it('10 % loss on the WhatsApp link costs no more than it may, measured anew', async () => {
  const tenPercent = onWhatsApp.find(({ name }) => name === '10 % loss')!
  const row = await measureRow(tenPercent, figures.seed, SHORT_S)
  expect(costOfLoss(figures.whatsApp[0], [row])).toBeLessThanOrEqual(LIMIT)
}, 60_000)
