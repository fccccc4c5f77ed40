import { createRequire } from 'node:module'
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'
import type { FrameFacts, Inspection, PacketFacts } from './packets.ts'
import { spectrogram } from './spectrogram.ts'

const require = createRequire(import.meta.url)

const SAMPLE_RATE_HZ = 16000
const FONT = 'DejaVu Sans'
const MARGIN = { left: 64, right: 28, top: 92, bottom: 44 }
const GAP = 34
const PIXELS_PER_SECOND = 200
const WIDTH = { least: 1000, most: 8000 }

const INK = '#1f2430'
const FAINT = '#8a90a0'
const GRID = '#e4e7ee'
const INPUT = '#9aa5b8'
const OUTPUT = '#1f5fbf'
const VOICED = '#d1495b'
const UNVOICED = '#3a7ca5'

const KINDS: Readonly<Record<PacketFacts['kind'], { color: string; text: string }>> = {
  active: { color: '#2a9d8f', text: 'active' },
  hangover: { color: '#a7c957', text: 'hangover' },
  inactive: { color: '#c9cfdb', text: 'inactive' },
  'comfort-noise': { color: '#e9c46a', text: 'comfort noise' },
  'no-data': { color: '#f6e7c1', text: 'no data' },
  opus: { color: '#9b5de5', text: 'Opus' },
  unsupported: { color: '#6c757d', text: 'unsupported' },
  lost: { color: '#111111', text: 'lost' },
}

/** What is drawn above the axis that all panels share. */
export interface Subject extends Inspection {
  readonly title: string
  /** What was encoded, moved to where the decoder gives it; undefined when only packets are known. */
  readonly input: Float32Array | undefined
}

interface Panel {
  readonly title: string
  readonly height: number
  draw(area: Area): void
}

/** Where a panel draws; `x` is the position of a sample. */
interface Area {
  readonly context: SKRSContext2D
  readonly top: number
  readonly height: number
  readonly left: number
  readonly right: number
  x(sample: number): number
}

/** Waveforms, spectrogram, packet and frame types, pitch and bits over one time axis, as a PNG. */
export function drawChart(subject: Subject): Buffer {
  GlobalFonts.registerFromPath(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'), FONT)
  const panels = panelsOf(subject)
  const seconds = subject.pcm.length / SAMPLE_RATE_HZ
  const inner = Math.min(Math.max(Math.round(seconds * PIXELS_PER_SECOND), WIDTH.least), WIDTH.most)
  const height = panels.reduce((sum, panel) => sum + panel.height + GAP, MARGIN.top + MARGIN.bottom - GAP)
  const canvas = createCanvas(MARGIN.left + inner + MARGIN.right, height)
  const context = canvas.getContext('2d')
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  drawHeading(context, subject)
  let top = MARGIN.top
  for (const panel of panels) {
    const left = MARGIN.left
    const x = (sample: number) => left + (sample / Math.max(subject.pcm.length, 1)) * inner
    drawTitle(context, panel.title, top)
    panel.draw({ context, top, height: panel.height, left, right: left + inner, x })
    top += panel.height + GAP
  }
  drawTimeAxis(canvas, context, top - GAP, seconds, inner)
  return canvas.toBuffer('image/png')
}

function panelsOf({ input, pcm, packets }: Subject): Panel[] {
  const peak = [input ?? pcm, pcm].reduce(
    (most, signal) => signal.reduce((m, x) => Math.max(m, Math.abs(x)), most),
    0.01,
  )
  const waveform = (title: string, signal: Float32Array, color: string): Panel => ({
    title,
    height: 100,
    draw: (area) => drawWaveform(area, signal, peak, color),
  })
  const panels = [
    waveform('samples out', pcm, OUTPUT),
    { title: 'spectrum of what came out', height: 200, draw: (area: Area) => drawSpectrogram(area, pcm) },
    { title: 'packets', height: 20, draw: (area: Area) => drawKinds(area, packets) },
    { title: 'voiced frames', height: 14, draw: (area: Area) => drawVoicing(area, packets) },
    { title: 'pitch', height: 110, draw: (area: Area) => drawPitch(area, packets) },
    {
      title: 'bits per frame, red where voiced; per packet where it has no frames',
      height: 110,
      draw: (area: Area) => drawBits(area, packets),
    },
  ]
  return input === undefined ? panels : [waveform('samples in', input, INPUT), ...panels]
}

function write(context: SKRSContext2D, text: string, x: number, y: number, color = INK, size = 12): void {
  context.font = `${size}px "${FONT}"`
  context.fillStyle = color
  context.fillText(text, x, y)
}

function drawHeading(context: SKRSContext2D, { title, packets, pcm }: Subject): void {
  const seconds = pcm.length / SAMPLE_RATE_HZ
  const bytes = packets.reduce((sum, packet) => sum + packet.bytes, 0)
  write(context, title, MARGIN.left, 28, INK, 17)
  const rate = seconds > 0 ? ((8 * bytes) / seconds / 1000).toFixed(1) : '0'
  const facts = `${seconds.toFixed(2)} s   ${packets.length} packets   ${bytes} bytes   ${rate} kbit/s`
  write(context, facts, MARGIN.left, 50, FAINT)
  let x = MARGIN.left + context.measureText(facts).width + 36
  for (const [kind, { color, text }] of Object.entries(KINDS)) {
    const count = packets.filter((packet) => packet.kind === kind).length
    if (count === 0) continue
    context.fillStyle = color
    context.fillRect(x, 40, 12, 12)
    const label = `${text} ${count}`
    write(context, label, x + 18, 50)
    x += context.measureText(label).width + 40
  }
}

function drawTitle(context: SKRSContext2D, title: string, top: number): void {
  write(context, title, MARGIN.left, top - 8, INK, 12)
}

function drawWaveform(
  { context, top, height, left, right, x }: Area,
  signal: Float32Array,
  peak: number,
  color: string,
) {
  const middle = top + height / 2
  context.fillStyle = GRID
  context.fillRect(left, middle, right - left, 1)
  context.fillStyle = color
  const perPixel = signal.length / (right - left)
  for (let column = 0; column < right - left; column++) {
    let least = 0
    let most = 0
    const end = Math.min(Math.ceil((column + 1) * perPixel), signal.length)
    for (let n = Math.floor(column * perPixel); n < end; n++) {
      least = Math.min(least, signal[n]!)
      most = Math.max(most, signal[n]!)
    }
    const high = middle - (most / peak) * (height / 2)
    context.fillRect(x(column * perPixel), high, 1, Math.max(((most - least) / peak) * (height / 2), 1))
  }
}

function drawSpectrogram({ context, top, height, left, right }: Area, pcm: Float32Array): void {
  const image = context.createImageData(right - left, height)
  spectrogram(pcm, right - left, height, image.data)
  context.putImageData(image, left, top)
  for (const kilohertz of [0, 2, 4, 6, 8]) {
    const y = top + height * (1 - kilohertz / 8)
    write(context, `${kilohertz} kHz`, left - 44, y + 4, FAINT, 10)
  }
}

function drawKinds({ context, top, height, x }: Area, packets: readonly PacketFacts[]): void {
  for (const { kind, start, samples } of packets) {
    context.fillStyle = KINDS[kind].color
    context.fillRect(x(start), top, Math.max(x(start + samples) - x(start) - 1, 1), height)
  }
}

/** Calls back for every coded frame with its samples. */
function forEachFrame(packets: readonly PacketFacts[], visit: (frame: FrameFacts, from: number, to: number) => void) {
  for (const { frames, start, samples } of packets) {
    const length = samples / Math.max(frames.length, 1)
    frames.forEach((frame, f) => {
      visit(frame, start + f * length, start + (f + 1) * length)
    })
  }
}

function drawVoicing({ context, top, height, x }: Area, packets: readonly PacketFacts[]): void {
  forEachFrame(packets, (frame, from, to) => {
    context.fillStyle = frame.voiced ? VOICED : GRID
    context.fillRect(x(from), top, Math.max(x(to) - x(from) - 0.5, 1), height)
  })
}

function drawScale({ context, top, height, left, right }: Area, marks: readonly number[], most: number, unit: string) {
  for (const mark of marks) {
    const y = Math.round(top + height * (1 - mark / most))
    context.fillStyle = GRID
    context.fillRect(left, y, right - left, 1)
    const text = `${mark}${mark === marks.at(-1) ? ` ${unit}` : ''}`
    context.font = `10px "${FONT}"`
    write(context, text, left - 8 - context.measureText(text).width, y + 4, FAINT, 10)
  }
}

function drawPitch(area: Area, packets: readonly PacketFacts[]): void {
  const { context, top, height, x } = area
  const most = 500
  drawScale(area, [0, 100, 200, 300, 400, 500], most, 'Hz')
  context.fillStyle = VOICED
  forEachFrame(packets, ({ pitchHz }, from, to) => {
    pitchHz.forEach((hertz, i) => {
      const step = (to - from) / pitchHz.length
      const y = top + height * (1 - hertz / most)
      context.fillRect(x(from + i * step), y - 1.5, Math.max(x(from + step) - x(from), 2), 3)
    })
  })
}

/** Bits of coded frames as bars, coloured by voicing; packets without frames by their bytes. */
function drawBits(area: Area, packets: readonly PacketFacts[]): void {
  const { context, top, height, x } = area
  let most = 100
  forEachFrame(packets, ({ bits }) => {
    most = Math.max(most, Math.ceil(bits / 100) * 100)
  })
  const marks = Array.from({ length: 5 }, (_, i) => (i * most) / 4)
  drawScale(area, marks, most, 'bit')
  const bar = (bits: number, from: number, to: number, color: string) => {
    const size = height * Math.min(bits / most, 1)
    context.fillStyle = color
    context.fillRect(x(from), top + height - size, Math.max(x(to) - x(from) - 0.5, 1), size)
  }
  forEachFrame(packets, ({ bits, voiced }, from, to) => {
    bar(bits, from, to, voiced ? VOICED : UNVOICED)
  })
  for (const { frames, bytes, start, samples, kind } of packets) {
    if (frames.length === 0) bar(8 * bytes, start, start + samples, KINDS[kind].color)
  }
}

function drawTimeAxis(canvas: Canvas, context: SKRSContext2D, bottom: number, seconds: number, inner: number): void {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60].find((each) => (each / seconds) * inner >= 80) ?? 120
  for (let i = 0; i * step <= seconds; i++) {
    const x = Math.round(MARGIN.left + ((i * step) / seconds) * inner)
    context.fillStyle = FAINT
    context.fillRect(x, bottom + 4, 1, 6)
    write(context, `${Number((i * step).toFixed(1))} s`, x - 8, bottom + 24, FAINT, 10)
  }
  context.fillStyle = FAINT
  context.fillRect(MARGIN.left, bottom + 4, canvas.width - MARGIN.left - MARGIN.right, 1)
}
