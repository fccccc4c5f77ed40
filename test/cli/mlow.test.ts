import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { mlowCommand } from '../../src/cli/commands/mlow.ts'

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
