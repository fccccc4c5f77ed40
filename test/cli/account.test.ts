import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { type DemoWhatsApp, openDemoWhatsApp } from '../../src/cli/demo/demo-whatsapp.ts'
import { accountOwner } from '../../src/sim/cast.ts'
import { start } from './program.ts'
import { PLACE_VARIABLE, placeText } from './tandem-process.ts'

const TIMEOUT_MS = 60_000
const program = fileURLToPath(new URL('./tandem-process.ts', import.meta.url))

let folder: string
let config: string
let whatsApp: DemoWhatsApp

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-cli-account-'))
  config = join(folder, 'tandem.yaml')
  writeFileSync(
    config,
    `dataDirectory: ${join(folder, 'data')}
sip: { listen: [{ transport: udp, address: 127.0.0.1, port: 0 }] }
media: { address: 127.0.0.1 }
`,
  )
  whatsApp = await openDemoWhatsApp(silentLogger, systemClock)
  process.env[PLACE_VARIABLE] = placeText(whatsApp.place)
})
afterAll(async () => {
  delete process.env[PLACE_VARIABLE]
  await whatsApp.stop()
  rmSync(folder, { recursive: true, force: true })
})

const tandem = (...args: string[]) => start([...args, '--config', config], program)

/** A program that shows a code asks for it first; the phone takes the code when both have happened. */
function codeAskedFor(): Promise<void> {
  return new Promise((resolve) => {
    const off = whatsApp.simulator.events.on((event) => {
      if (event.type !== 'stanza' || !JSON.stringify(event.node).includes('companion_hello')) return
      off()
      resolve()
    })
  })
}

describe('tandem pair', () => {
  it('interrupted: ends, and leaves no pairing', { timeout: TIMEOUT_MS }, async () => {
    const pairing = tandem('pair')
    await pairing.prints(/Scan with your phone/)
    pairing.signal('SIGINT')
    expect((await pairing.ended).code).toBe(0)
    const run = tandem('run')
    await run.logs(/"state":"logged-out","reason":"not paired"/)
    run.signal('SIGTERM')
    expect((await run.ended).code).toBe(0)
  })

  it('by code: says who it is, and ends at once with 0', { timeout: TIMEOUT_MS }, async () => {
    const asked = codeAskedFor()
    const pairing = tandem('pair', '--code', accountOwner.number)
    const [, code] = await pairing.prints(/Link with phone number\): (\w{8})/)
    await asked
    await whatsApp.simulator.enterPairingCode(code)
    await pairing.prints(new RegExp(`Paired as ${accountOwner.number}`))
    const pairedAtMs = performance.now()
    const { code: exitCode, stderr } = await pairing.ended
    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    // A timer of the client library would hold it for 30 s.
    expect(performance.now() - pairedAtMs).toBeLessThan(15_000)
    expect(statSync(join(folder, 'data', 'account-main.sqlite')).mode & 0o777).toBe(0o600)
  })
})

describe('tandem run with the account that was paired', () => {
  it('SIGUSR2 switches the trace on, off, and on again; SIGTERM ends it', { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, 'data', 'trace.jsonl')
    const run = tandem('run')
    await run.logs(/"account":"main","state":"open"/)
    expect(existsSync(path)).toBe(false)
    run.signal('SIGUSR2')
    await run.logs(/"msg":"trace on"/)
    run.signal('SIGUSR2')
    await run.logs(/"msg":"trace off"/)
    run.signal('SIGUSR2')
    await run.logs(/"msg":"trace on"[\s\S]*"msg":"trace on"/)
    run.signal('SIGTERM')
    expect((await run.ended).code).toBe(0)
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    const records = lines.map((line) => JSON.parse(line) as { what: string; reason?: string; state?: string })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(records.map(({ what }) => what).filter((what) => what === 'begin' || what === 'end')).toEqual([
      'begin',
      'end',
      'begin',
      'end',
    ])
    expect(records).toContainEqual(expect.objectContaining({ what: 'account', state: 'closed' }))
  })

  it('--trace records from the start, the login included', { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, 'start.jsonl')
    const run = tandem('run', '--trace', path)
    await run.logs(/"account":"main","state":"open"/)
    run.signal('SIGTERM')
    expect((await run.ended).code).toBe(0)
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(/"what":"account","account":"main","state":"connecting"/)
    expect(text).toMatch(/"tag":"success"/)
    expect(text).not.toContain(accountOwner.number)
  })

  it('its phone removes it: the program lives on and says what to do', { timeout: TIMEOUT_MS }, async () => {
    const run = tandem('run')
    await run.logs(/"account":"main","state":"open"/)
    whatsApp.simulator.unlinkGateway()
    await run.logs(/"state":"logged-out"/)
    run.signal('SIGTERM')
    expect((await run.ended).code).toBe(0)
  })

  it('and pair, told so, forgets the old pairing and asks for a new one', { timeout: TIMEOUT_MS }, async () => {
    const pairing = tandem('pair')
    await pairing.prints(/Scan with your phone/)
    pairing.signal('SIGTERM')
    expect((await pairing.ended).code).toBe(0)
  })
})
