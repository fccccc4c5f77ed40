import { type Axis, legend, newPicture, Panel, write } from './canvas-panel.ts'
import type { Figures, Row, Way } from './figures.ts'
import { LIMIT, limitOf } from './figures.ts'

const WAYS: readonly (readonly [Way, string])[] = [
  ['toWhatsApp', 'SIP phone, as heard at WhatsApp'],
  ['fromWhatsApp', 'WhatsApp, as heard at the SIP phone'],
]
const BLUE = '#1f5fbf'
const RED = '#d1495b'
const GREEN = '#2a9d8f'
const SAND = '#e0a030'
const GREY = '#8a90a0'
const WIDTH = 1000
const PANEL = { top: 96, width: 410, height: 280 }
const LEFTS = [64, 556]
const HEIGHT = 430

/** STOI against random loss. */
export function drawLoss({ whatsApp, withoutCopies, sip }: Figures): Buffer {
  const { canvas, context } = newPicture(WIDTH, HEIGHT)
  const lossOf = ({ name }: Row) => (name === 'no loss' ? 0 : Number(/^(\d+) % loss$/.exec(name)?.[1] ?? Number.NaN))
  const clean = whatsApp[0]!
  const lines = [
    { name: 'loss on the WhatsApp link, as shipped', rows: whatsApp, color: BLUE },
    { name: 'the same without copies', rows: [clean, ...withoutCopies], color: RED, dashed: true },
    { name: 'loss on the SIP link', rows: sip, color: GREEN },
  ]
  const across = { from: 0, to: 20, ticks: [0, 1, 5, 10, 20], label: 'packets lost, %' }
  const up = { from: 0.75, to: 1, ticks: [0.75, 0.8, 0.85, 0.9, 0.95, 1], label: 'STOI' }
  WAYS.forEach(([way, title], i) => {
    const panel = new Panel(context, { left: LEFTS[i]!, ...PANEL }, across, up)
    panel.axes(title, { x: String, y: (value) => value.toFixed(2) })
    const limit = limitOf(clean, way)
    panel.line(
      [
        [0, limit],
        [20, limit],
      ],
      GREY,
      { dashed: true },
    )
    write(context, `no loss − ${LIMIT}`, panel.x(19.8), panel.y(limit) - 6, { color: GREY, align: 'right', size: 11 })
    for (const { rows, color, dashed } of lines) {
      const points = rows.flatMap((row) => (Number.isNaN(lossOf(row)) ? [] : [[lossOf(row), row[way].stoi] as const]))
      panel.line(points, color, { dashed: dashed ?? false, dots: true })
    }
  })
  legend(context, lines, LEFTS[0]!, 30)
  return canvas.toBuffer('image/png')
}

/** Delay of each second of the call. */
export function drawDelayOverTime({ whatsApp, seconds }: Figures): Buffer {
  const { canvas, context } = newPicture(WIDTH, HEIGHT)
  const lines = [
    { name: 'no loss', color: GREY },
    { name: '10 % loss', color: BLUE },
    { name: '50 ms jitter', color: RED },
    { name: 'clock 200 ppm fast', color: GREEN },
    { name: 'clock 200 ppm slow', color: SAND },
  ]
  const across: Axis = { from: 0, to: seconds, ticks: stepsOf(seconds, 20), label: 'seconds into the call' }
  const up: Axis = { from: 100, to: 300, ticks: [100, 150, 200, 250, 300], label: 'mouth to ear, ms' }
  WAYS.forEach(([way, title], i) => {
    const panel = new Panel(context, { left: LEFTS[i]!, ...PANEL }, across, up)
    panel.axes(title, { x: String, y: String })
    for (const { name, color } of lines) {
      const delays = whatsApp.find((row) => row.name === name)?.[way].delaysMs ?? []
      panel.line(
        delays.map((delay, second) => [second, delay] as const),
        color,
      )
    }
  })
  legend(context, lines, LEFTS[0]!, 30)
  return canvas.toBuffer('image/png')
}

/** Median and 95th percentile of the delay for every condition on the WhatsApp link. */
export function drawDelay({ whatsApp }: Figures): Buffer {
  const rowHeight = 30
  const height = 130 + whatsApp.length * rowHeight
  const { canvas, context } = newPicture(WIDTH, height)
  const lefts = [250, 640]
  const box = { top: 80, width: 320, height: whatsApp.length * rowHeight }
  const across: Axis = { from: 0, to: 300, ticks: [0, 50, 100, 150, 200, 250, 300], label: 'mouth to ear, ms' }
  const up: Axis = { from: whatsApp.length, to: 0, ticks: [], label: '' }
  whatsApp.forEach(({ name }, row) => {
    write(context, name, 236, box.top + (row + 0.5) * rowHeight + 4, { align: 'right' })
  })
  WAYS.forEach(([way, title], i) => {
    const panel = new Panel(context, { left: lefts[i]!, ...box }, across, up)
    panel.axes(title, { x: String, y: String })
    whatsApp.forEach((row, index) => {
      const { delayMedianMs, delayP95Ms } = row[way]
      const top = box.top + index * rowHeight + 7
      context.fillStyle = BLUE
      context.fillRect(panel.x(0), top, panel.x(delayMedianMs) - panel.x(0), rowHeight - 14)
      context.fillStyle = RED
      context.fillRect(panel.x(delayP95Ms) - 1.5, top - 3, 3, rowHeight - 8)
    })
  })
  legend(
    context,
    [
      { name: 'median', color: BLUE },
      { name: '95 % of the seconds are below', color: RED },
    ],
    lefts[0]!,
    28,
  )
  return canvas.toBuffer('image/png')
}

const stepsOf = (to: number, step: number) => Array.from({ length: Math.floor(to / step) + 1 }, (_, i) => i * step)
