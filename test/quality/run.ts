/**
 * `npm run quality [-- --seconds 120 --seed 1]`: measures calls under loss, jitter and drift, writes docs/quality.md and its
 * plots, and fails when 10 % loss costs more than it may.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { costOfLoss, type Figures, LIMIT, measureAll } from './figures.ts'
import type { Quality } from './hearing.ts'
import { drawDelay, drawDelayOverTime, drawLoss } from './plots.ts'
import { report } from './report.ts'

const DOCS = new URL('../../docs/', import.meta.url)

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { seconds: text, seed: text } })
const { seconds = '120', seed = '1' } = values
const setting = { seed: Number(seed), seconds: Number(seconds) }

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
const isChanged = git('status', '--porcelain', '--', 'src', 'test/quality') !== ''
const commit = `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`

const brief = ({ stoi, concealedPercent, delayMedianMs, delayP95Ms }: Quality) =>
  `${stoi.toFixed(3)} ${concealedPercent.toFixed(1).padStart(5)} % ${delayMedianMs.toFixed(0)}/${delayP95Ms.toFixed(0)} ms`
const measured = await measureAll(setting.seed, setting.seconds, ({ name, toWhatsApp, fromWhatsApp }) =>
  console.log(`${name.padEnd(36)} ${brief(toWhatsApp)}   ${brief(fromWhatsApp)}`),
)
// Report and plots are made of what is kept.
const kept = JSON.stringify({ commit, ...setting, ...measured }, rounded)
const figures = JSON.parse(kept) as Figures

mkdirSync(new URL('quality/', DOCS), { recursive: true })
writeFileSync(new URL('quality.md', DOCS), report(figures))
writeFileSync(new URL('quality/figures.json', DOCS), `${kept}\n`)
writeFileSync(new URL('quality/loss.png', DOCS), drawLoss(figures))
writeFileSync(new URL('quality/delay.png', DOCS), drawDelay(figures))
writeFileSync(new URL('quality/delay-over-time.png', DOCS), drawDelayOverTime(figures))

const [clean] = figures.whatsApp
const cost = Math.max(...[figures.whatsApp, figures.sip].map((rows) => costOfLoss(clean!, rows)))
console.log(`10 % loss costs ${cost.toFixed(3)} of STOI, ${LIMIT} at most`)
process.exit(cost <= LIMIT ? 0 : 1)

/** For JSON.stringify: so many digits as mean something. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e4) / 1e4 : value
}
