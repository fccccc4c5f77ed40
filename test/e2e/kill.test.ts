import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Signal } from '../../src/base/events.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { type DemoWhatsApp, openDemoWhatsApp } from '../../src/cli/demo/demo-whatsapp.ts'
import type { ScriptedCall } from '../../src/cli/demo/scripted-phone.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import type { ChildMessage, ChildPlan } from './gateway-child.ts'
import { hearingAtPhone, hearingAtWhatsApp, narrowSpeech, speechOver } from './hearing.ts'
import { answered, houseConfig, numberOf, registeredPhone } from './house.ts'

const program = fileURLToPath(new URL('./gateway-child.ts', import.meta.url))

let whatsApp: DemoWhatsApp
let dataDirectory: string
/** All that any gateway of this file has written, to its log and to standard output. */
let output = ''

beforeAll(async () => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-kill-'))
  whatsApp = await openDemoWhatsApp(silentLogger, systemClock)
})
afterEach(() => expect(whatsApp.simulator.violations).toEqual([]))
afterAll(async () => {
  await whatsApp.stop()
  rmSync(dataDirectory, { recursive: true, force: true })
})

/** A gateway in a process of its own. */
class GatewayProcess {
  readonly messages = new Signal<ChildMessage>()
  readonly #child: ChildProcess
  readonly #seen: ChildMessage[] = []

  constructor() {
    const { webSocketUrl, noiseRoot, relayFingerprint } = whatsApp.place
    const plan: ChildPlan = {
      config: houseConfig(dataDirectory, 2, 60),
      webSocketUrl,
      noiseRoot: { publicKey: Buffer.from(noiseRoot.publicKey).toString('hex'), serial: noiseRoot.serial },
      relayFingerprint: relayFingerprint,
    }
    this.#child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(plan)])
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      output += `${line}\n`
      const message = JSON.parse(line) as ChildMessage
      this.#seen.push(message)
      if (message.type === 'qr') whatsApp.simulator.scan(message.text)
      this.messages.emit(message)
    })
  }

  /** The first message of the type, come or yet to come. */
  async told<T extends ChildMessage['type']>(type: T, state?: string): Promise<Extract<ChildMessage, { type: T }>> {
    const fits = (message: ChildMessage): message is Extract<ChildMessage, { type: T }> =>
      message.type === type && (state === undefined || (message.type === 'call' && message.state === state))
    const seen = this.#seen.find(fits)
    if (seen) return seen
    return new Promise((resolve) => this.messages.on((message) => fits(message) && resolve(message)))
  }

  get asksForPairing(): boolean {
    return this.#seen.some(({ type }) => type === 'qr')
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill(signal)
    await gone
  }
}

const loudness = (pcm: Float32Array) => Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length)

/** Both hear that the other speaks. */
async function expectSound(call: ScriptedCall, theirs: PhoneCall): Promise<void> {
  const heard = () => [call.media.recording(), theirs.sound.recording()].map(({ pcm }) => loudness(pcm.slice(-8000)))
  await vi.waitFor(() => expect(Math.min(...heard())).toBeGreaterThan(0.01), { timeout: 8000, interval: 100 })
}

/** A call on a gateway that has just been started: heard both ways, and if asked for, every word of it. */
async function expectGoodCall(gateway: GatewayProcess, everyWord: boolean): Promise<void> {
  const { sipPort } = await gateway.told('open')
  const phone = await registeredPhone(sipPort)
  const rings = new Promise<PhoneCall>((resolve) => whatsApp.simulator.phone('talker').calls.on(resolve))
  const call = (await phone.dial(numberOf('talker'))).willSay(narrowSpeech)
  const theirs = await rings
  await answered(call)
  await expectSound(call, theirs)
  if (everyWord) await speechOver()
  call.hangUp()
  await call.ended
  await expect.poll(() => theirs.overReason, { timeout: 5000 }).toBe('ended')
  if (everyWord) {
    expect(hearingAtPhone(call, theirs).stoi).toBeGreaterThanOrEqual(0.9)
    expect(hearingAtWhatsApp(call, theirs).stoi).toBeGreaterThanOrEqual(0.9)
  }
  await phone.stop()
}

/** Every database is whole, and whatever else lies there belongs to one. */
function expectWholeFiles(): void {
  const files = readdirSync(dataDirectory)
  const databases = files.filter((file) => file.endsWith('.sqlite'))
  expect(databases).toContain('account-main.sqlite')
  for (const file of files) expect(databases).toContain(file.replace(/-(wal|shm)$|\.owner$/, ''))
  for (const file of databases) {
    const database = new Database(join(dataDirectory, file))
    expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }])
    database.close()
  }
}

describe('kill -9 of the gateway', () => {
  it.each([
    ['while a call is set up', 'dialling'],
    ['while it rings', 'ringing'],
    ['while people talk', 'up'],
  ])('%s: paired still, every session whole, the next call is heard', async (_, state) => {
    const first = new GatewayProcess()
    const phone = await registeredPhone((await first.told('open')).sipPort)
    const rung: PhoneCall[] = []
    const off = whatsApp.simulator.phone('talker').calls.on((call) => rung.push(call))
    await phone.dial(numberOf('talker'))
    await first.told('call', state)
    await first.end('SIGKILL')
    off()
    for (const call of rung) call.hangUp()
    expectWholeFiles()

    const second = new GatewayProcess()
    await second.told('open')
    expect(second.asksForPairing).toBe(false)
    await expectGoodCall(second, state === 'up')
    await second.end('SIGTERM')
    await phone.stop()
    expectWholeFiles()
  })

  it('has written no private key, and no line that is not its own', () => {
    expect(output).toContain('"msg":"call state"')
    expect(output).not.toMatch(/privKey|private|rootKey|chainKey|SessionEntry/)
    for (const line of output.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  })
})
