import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { afterAll, describe, expect, test } from 'vitest'
import { mlowCommand } from '../../src/cli/commands/mlow.ts'
import { inspect } from '../../src/cli/inspection/packets.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-mlow-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = (name: string) => join(folder, name)
const run = (...args: string[]) => mlowCommand().parseAsync(args, { from: 'user' })

/** A second of a tone with a break, 16-bit samples. */
function writeTone(name: string, samples: number): void {
  const bytes = Buffer.alloc(2 * samples)
  for (let n = 0; n < samples; n++) bytes.writeInt16LE(Math.round(8000 * Math.sin(n / 5)), 2 * n)
  writeFileSync(path(name), bytes)
}

describe('tandem mlow', () => {
  test('encodes whole packets and decodes them to as many samples', async () => {
    writeTone('in.s16', 2000)
    await run('encode', path('in.s16'), path('out.mlow'))
    await run('decode', path('out.mlow'), path('out.f32'))
    const pcm = readFileSync(path('out.f32'))
    expect(pcm.length).toBe(3 * 960 * 4)
    const loudest = Math.max(...Array.from({ length: pcm.length / 4 }, (_, n) => pcm.readFloatLE(4 * n)))
    expect(loudest).toBeGreaterThan(0.1)
  })

  test('a lost packet is zeros, or concealed', async () => {
    writeTone('in.s16', 2880)
    await run('encode', path('in.s16'), path('whole.mlow'))
    const whole = readFileSync(path('whole.mlow'))
    writeFileSync(path('lossy.mlow'), Buffer.concat([whole, Buffer.of(0, 0)]))
    await run('decode', path('lossy.mlow'), path('zeros.f32'))
    await run('decode', '--conceal', path('lossy.mlow'), path('concealed.f32'))
    const [zeros, concealed] = ['zeros.f32', 'concealed.f32'].map((name) => readFileSync(path(name)).subarray(-960 * 4))
    expect(zeros.every((byte) => byte === 0)).toBe(true)
    expect(concealed.some((byte) => byte !== 0)).toBe(true)
  })

  test('draws a stream, and samples with what comes of them', async () => {
    writeTone('in.s16', 4000)
    await run('encode', path('in.s16'), path('out.mlow'))
    await run('inspect', path('out.mlow'), '--png', path('stream.png'))
    await run('inspect', path('in.s16'), '--png', path('both.png'))
    const [stream, both] = await Promise.all(['stream.png', 'both.png'].map((name) => loadImage(path(name))))
    expect(stream!.width).toBe(both!.width)
    expect(both!.height).toBeGreaterThan(stream!.height)
    const canvas = createCanvas(both!.width, both!.height)
    const context = canvas.getContext('2d')
    context.drawImage(both!, 0, 0)
    const { data } = context.getImageData(0, 0, both!.width, both!.height)
    const colors = new Set<number>()
    for (let at = 0; at < data.length; at += 4) colors.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!)
    expect(colors.size).toBeGreaterThan(100)
  })

  test('an empty stream is a picture too', async () => {
    writeFileSync(path('empty.mlow'), '')
    await run('inspect', path('empty.mlow'), '--png', path('empty.png'))
    expect((await loadImage(path('empty.png'))).width).toBeGreaterThan(0)
  })

  test('tells frames, bits and pitch of each packet', () => {
    const encoder = new MlowEncoder()
    const pcm = Float32Array.from(
      { length: 4 * 960 },
      (_, n) => 0.3 * Math.sign(Math.sin((2 * Math.PI * 125 * n) / 16000)),
    )
    const packets = [0, 1, 2, 3].map((i) => {
      const packet = new Uint8Array(encoder.maxPayloadBytes)
      return packet.slice(0, encoder.encode(pcm.subarray(960 * i, 960 * (i + 1)), packet))
    })
    const { packets: facts, pcm: decoded } = inspect([...packets, new Uint8Array(0)])
    expect(facts.map(({ kind }) => kind)).toEqual(['active', 'active', 'active', 'active', 'lost'])
    expect(decoded.length).toBe(5 * 960)
    for (const { frames, bytes } of facts.slice(0, 4)) {
      const bits = frames.reduce((sum, frame) => sum + frame.bits, 0)
      expect(bits).toBeLessThanOrEqual(8 * bytes)
      expect(bits).toBeGreaterThan(8 * (bytes - 4))
    }
    const pitch = facts[3]!.frames.flatMap(({ pitchHz }) => pitchHz)
    expect(pitch.length).toBe(24)
    for (const hertz of pitch) expect(Math.abs(hertz / 125 - Math.round(hertz / 125))).toBeLessThan(0.05)
  })

  test.each([
    ['a file that is not there', ['decode', 'missing.mlow'], 'usage.file'],
    ['a packet that runs over the end', ['decode', 'odd.mlow'], 'usage.mlow'],
    ['half a sample', ['encode', 'odd.s16'], 'usage.pcm'],
  ])('%s is an error with a code, and writes nothing', async (_, [command, name], code) => {
    writeFileSync(path('odd.mlow'), Buffer.of(9, 0, 1))
    writeFileSync(path('odd.s16'), Buffer.of(1, 2, 3))
    await expect(run(command, path(name), path('none'))).rejects.toMatchObject({ code })
    expect(existsSync(path('none'))).toBe(false)
  })

  test('a redundancy level is a digit', async () => {
    await expect(run('decode', '--red', 'x', path('a'), path('b'))).rejects.toMatchObject({ code: 'usage.red' })
  })
})
