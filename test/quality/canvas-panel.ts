import { createRequire } from 'node:module'
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'

const require = createRequire(import.meta.url)
const FONT = 'DejaVu Sans'
const INK = '#1f2430'
const FAINT = '#6b7280'
const GRID = '#e4e7ee'
/** Drawn at twice the size that it is shown at. */
const SCALE = 2

/** An axis from `from` to `to` with a line at each tick. */
export interface Axis {
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
  readonly label: string
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export function newPicture(width: number, height: number): { canvas: Canvas; context: SKRSContext2D } {
  GlobalFonts.registerFromPath(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'), FONT)
  const canvas = createCanvas(width * SCALE, height * SCALE)
  const context = canvas.getContext('2d')
  context.scale(SCALE, SCALE)
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, width, height)
  return { canvas, context }
}

export function write(
  context: SKRSContext2D,
  text: string,
  x: number,
  y: number,
  { color = INK, size = 12, align = 'left' as 'left' | 'center' | 'right' } = {},
): void {
  context.font = `${size}px "${FONT}"`
  context.fillStyle = color
  context.textAlign = align
  context.fillText(text, x, y)
}

/** A plot with two axes; everything else is in their units. */
export class Panel {
  readonly context: SKRSContext2D
  readonly #box: Box
  readonly #across: Axis
  readonly #up: Axis

  constructor(context: SKRSContext2D, box: Box, across: Axis, up: Axis) {
    this.context = context
    this.#box = box
    this.#across = across
    this.#up = up
  }

  x(value: number): number {
    const { left, width } = this.#box
    return left + (width * (value - this.#across.from)) / (this.#across.to - this.#across.from)
  }

  y(value: number): number {
    const { top, height } = this.#box
    return top + height - (height * (value - this.#up.from)) / (this.#up.to - this.#up.from)
  }

  axes(title: string, format: { readonly x: (value: number) => string; readonly y: (value: number) => string }): void {
    const { left, top, width, height } = this.#box
    const { context } = this
    write(context, title, left, top - 14, { size: 14 })
    for (const tick of this.#up.ticks) {
      this.#rule(left, this.y(tick), left + width, this.y(tick))
      write(context, format.y(tick), left - 8, this.y(tick) + 4, { color: FAINT, align: 'right', size: 11 })
    }
    for (const tick of this.#across.ticks) {
      this.#rule(this.x(tick), top, this.x(tick), top + height)
      write(context, format.x(tick), this.x(tick), top + height + 18, { color: FAINT, align: 'center', size: 11 })
    }
    write(context, this.#across.label, left + width / 2, top + height + 38, { color: FAINT, align: 'center' })
    write(context, this.#up.label, left, top - 32, { color: FAINT, size: 11 })
  }

  line(points: readonly (readonly [number, number])[], color: string, { dashed = false, dots = false } = {}): void {
    const { context } = this
    context.strokeStyle = color
    context.lineWidth = 2
    context.setLineDash(dashed ? [6, 4] : [])
    context.beginPath()
    for (const [x, y] of points) context.lineTo(this.x(x), this.y(y))
    context.stroke()
    context.setLineDash([])
    if (dots) for (const [x, y] of points) this.dot(x, y, color)
  }

  dot(x: number, y: number, color: string): void {
    const { context } = this
    context.fillStyle = color
    context.beginPath()
    context.arc(this.x(x), this.y(y), 3.5, 0, 2 * Math.PI)
    context.fill()
  }

  #rule(fromX: number, fromY: number, toX: number, toY: number): void {
    const { context } = this
    context.strokeStyle = GRID
    context.lineWidth = 1
    context.beginPath()
    context.moveTo(fromX, fromY)
    context.lineTo(toX, toY)
    context.stroke()
  }
}

/** One row of line samples with their names. */
export function legend(
  context: SKRSContext2D,
  entries: readonly { readonly name: string; readonly color: string; readonly dashed?: boolean }[],
  left: number,
  y: number,
): void {
  let x = left
  for (const { name, color, dashed } of entries) {
    context.strokeStyle = color
    context.lineWidth = 2.5
    context.setLineDash(dashed ? [6, 4] : [])
    context.beginPath()
    context.moveTo(x, y - 4)
    context.lineTo(x + 26, y - 4)
    context.stroke()
    context.setLineDash([])
    write(context, name, x + 32, y)
    x += 32 + context.measureText(name).width + 26
  }
}
