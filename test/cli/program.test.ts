import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { estimateDelay } from '../../src/media/measure/align.ts'
import { speech } from '../../src/sim/speech.ts'
import { run, start } from './program.ts'

const TIMEOUT_MS = 30_000

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileWith(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const quietConfig = () =>
  fileWith(
    'run.yaml',
    [
      `dataDirectory: ${join(folder, 'data')}`,
      'sip: { listen: [{ transport: udp, address: 127.0.0.1, port: 0 }] }',
      'media: { address: 127.0.0.1 }',
    ].join('\n'),
  )

describe('tandem', () => {
  it('--help lists the commands', { timeout: TIMEOUT_MS }, async () => {
    const { code, stdout } = await run('--help')
    expect(code).toBe(0)
    for (const command of ['run', 'demo', 'pair', 'doctor', 'mlow'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  })

  it.each([
    ['an unknown command', ['dance']],
    ['an unknown option', ['run', '--loud']],
    ['a missing option', ['run']],
    ['an account that is not configured', ['pair', '--config', 'config/example.yaml', '--account', 'nobody']],
    ['a file that is not there', ['mlow', 'decode', '/nonexistent/in.mlow', '/nonexistent/out.f32']],
  ])('%s: exit 2, and a line that says what', { timeout: TIMEOUT_MS }, async (_, args) => {
    const { code, stderr, stdout } = await run(...args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stderr.trim()).not.toBe('')
  })

  it('run with faults in the configuration: exit 2, one line for each', { timeout: TIMEOUT_MS }, async () => {
    const path = fileWith('bad.yaml', 'sip: { maxCalls: 0, lissten: [] }\nlog: { level: loud }\n')
    const { code, stderr } = await run('run', '--config', path)
    expect(code).toBe(2)
    expect(stderr.trim().split('\n').sort()).toEqual([
      `${path}: log.level: "loud": must be one of: debug, info, warn, error`,
      `${path}: sip.lissten: unknown key; remove it or see config/example.yaml`,
      `${path}: sip.maxCalls: 0: must be at least 1`,
    ])
  })

  it('trace show prints what came of logins when there was no call', { timeout: TIMEOUT_MS }, async () => {
    const path = fileWith(
      'trace.jsonl',
      [
        { at: '2026-01-01T00:00:00.000Z', what: 'begin', product: 'Tandem/test', version: 1 },
        { at: '2026-01-01T00:00:01.500Z', what: 'account', account: 'main', state: 'logged-out', reason: 'status 401' },
      ]
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(''),
    )
    const { code, stdout } = await run('trace', 'show', path)
    expect(stdout).toMatch(/^in no call {2}2026-01-01T00:00:00\.000Z$/m)
    expect(stdout).toMatch(/^ {4}1\.500 .*● account main logged-out \(status 401\)$/m)
    expect(code).toBe(0)
    const { code: codeWithout, stderr } = await run('trace', 'show', path, '--call', '1a2b')
    expect(stderr).toContain('no such call in this trace')
    expect(codeWithout).toBe(2)
  })

  it('doctor --offline says what it looked at', { timeout: TIMEOUT_MS }, async () => {
    const { code, stdout } = await run('doctor', '--offline', '--config', quietConfig())
    expect(stdout).toMatch(/^ok {4}configuration/m)
    expect(stdout).toMatch(/^ok {4}data directory/m)
    expect(stdout).toMatch(/^ok {4}SIP udp 127\.0\.0\.1:0 +free$/m)
    expect(stdout).not.toMatch(/^FAIL/m)
    expect(code).toBe(0)
  })

  it('doctor finds nothing wrong with the example configuration', { timeout: TIMEOUT_MS }, async () => {
    // On a machine of which nothing is known: a directory and ports of the test's own.
    const example = readFileSync('config/example.yaml', 'utf8')
      .replace('dataDirectory: ./data', `dataDirectory: ${join(folder, 'example')}`)
      .replace('port: 5060 }', 'port: 0 }')
    const { code, stdout, stderr } = await run('doctor', '--offline', '--config', fileWith('example.yaml', example))
    expect(stderr).toBe('')
    expect(stdout).toMatch(new RegExp(`^ok {4}data directory +${join(folder, 'example')}$`, 'm'))
    expect(stdout).toMatch(/^ok {4}SIP udp 0\.0\.0\.0:0 +free$/m)
    expect(stdout).not.toMatch(/^FAIL/m)
    expect(code).toBe(0)
  })

  it('doctor says what is wrong, and ends with 1', { timeout: TIMEOUT_MS }, async () => {
    const open = join(folder, 'open')
    mkdirSync(open, { mode: 0o755 })
    const path = fileWith(
      'open.yaml',
      `dataDirectory: ${open}\nsip: { listen: [{ transport: udp, address: 127.0.0.1, port: 0 }] }\n`,
    )
    const { code, stdout } = await run('doctor', '--offline', '--config', path)
    expect(stdout).toContain(`${open} may be read by others: chmod 700 ${open}`)
    expect(code).toBe(1)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'run ends with 0 after %s, at once when there is no call',
    { timeout: TIMEOUT_MS },
    async (signal) => {
      const program = start(['run', '--config', quietConfig()])
      await program.logs(/"transport":"udp"/)
      const askedAtMs = performance.now()
      program.signal(signal)
      const { code, stderr, stdout } = await program.ended
      expect(code).toBe(0)
      expect(stderr).toContain('"msg":"draining"')
      expect(stderr).toContain('"msg":"stopped"')
      expect(stdout).toBe('')
      expect(performance.now() - askedAtMs).toBeLessThan(8000)
    },
  )
})

describe('tandem run with a port that is taken', () => {
  it('for health and metrics: ends with 1, and says which key to look at', { timeout: TIMEOUT_MS }, async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as AddressInfo
    const path = fileWith(
      'http.yaml',
      `dataDirectory: ${join(folder, 'data')}\nhttp: { enabled: true, port: ${port} }\n`,
    )
    const { code, stderr } = await run('run', '--config', path)
    holder.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`http: cannot listen at 127.0.0.1:${port} (EADDRINUSE): http.port must be free`)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('ends with 1 and says which, though health is served already', { timeout: TIMEOUT_MS }, async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as AddressInfo
    const path = fileWith(
      'taken.yaml',
      [
        `dataDirectory: ${join(folder, 'data')}`,
        `sip: { listen: [{ transport: tcp, address: 127.0.0.1, port: ${port} }] }`,
        'http: { enabled: true, port: 0 }',
      ].join('\n'),
    )
    const { code, stderr } = await run('run', '--config', path)
    holder.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`127.0.0.1:${port}`)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

describe('tandem mlow', () => {
  it('decodes what it has encoded to something like it', { timeout: TIMEOUT_MS }, async () => {
    const source = speech().subarray(0, 3 * 16_000)
    const pcm = Buffer.alloc(2 * source.length)
    for (const [n, sample] of source.entries()) pcm.writeInt16LE(Math.round(sample * 32_767), 2 * n)
    const [from, packets, to] = [fileWith('in.s16', pcm), join(folder, 'x.mlow'), join(folder, 'out.f32')]
    expect(await run('mlow', 'encode', from, packets)).toMatchObject({ code: 0, stderr: '' })
    expect(await run('mlow', 'decode', packets, to)).toMatchObject({ code: 0, stderr: '' })
    const bytes = readFileSync(to)
    const decoded = Float32Array.from({ length: bytes.length / 4 }, (_, n) => bytes.readFloatLE(4 * n))
    expect(decoded.length).toBe(source.length)
    const late = estimateDelay(source, decoded, 1600)
    expect(late).toBeGreaterThan(0)
    expect(similarity(source.subarray(0, source.length - late), decoded.subarray(late))).toBeGreaterThan(0.6)
  })

  it('a packet that runs over the end of its file: exit 2', { timeout: TIMEOUT_MS }, async () => {
    const path = fileWith('short.mlow', Uint8Array.of(9, 0, 1, 2))
    const { code, stderr } = await run('mlow', 'decode', path, join(folder, 'none.f32'))
    expect(code).toBe(2)
    expect(stderr.trim()).toBe(`${path}: packet 0 at byte 0 runs over the end`)
  })
})

/** Normalised correlation. */
function similarity(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0]
  a.forEach((x, n) => {
    const y = b[n] ?? 0
    ab += x * y
    aa += x * x
    bb += y * y
  })
  return ab / Math.sqrt(aa * bb)
}
