import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { accountOwner, cast } from '../../src/sim/cast.ts'
import { usualBehaviour } from '../../src/sim/phone/behaviour.ts'
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts'
import { BaileysClient } from '../../src/whatsapp/account/baileys-client.ts'
import { AccountStore } from '../../src/whatsapp/account/store.ts'
import type { Call } from '../../src/whatsapp/calls/call.ts'
import type { CallEnded } from '../../src/whatsapp/calls/call-event.ts'
import { CallManager } from '../../src/whatsapp/calls/call-manager.ts'
import type { IncomingCall } from '../../src/whatsapp/calls/incoming-call.ts'
import { defaultCallSettings } from '../../src/whatsapp/calls/settings.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { StubRelays, stubMedia } from './stubs.ts'

const quick = { takenAfterMs: 30 }

let simulator: Simulator
let media: ReturnType<typeof stubMedia>
let client: BaileysClient
let calls: CallManager
let store: AccountStore
let directory: string
const unanswered: WaNode[] = []

beforeAll(async () => {
  media = stubMedia()
  simulator = await startSimulator({
    account: accountOwner,
    phones: cast.map((plan) => ({ ...plan, behaviour: { ...plan.behaviour, ...quick } })),
    relays: new StubRelays(),
    openMedia: media.open,
    calls: { ringTimeoutMs: 400 },
  })
  directory = mkdtempSync(join(tmpdir(), 'tandem-sim-'))
  store = new AccountStore(join(directory, 'account.db'))
  client = new BaileysClient({
    store,
    url: simulator.waWebSocketUrl,
    noiseRoot: simulator.noiseRoot,
    pairing: { method: 'qr' },
  })
  calls = new CallManager({
    client,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    settings: defaultCallSettings,
  })
  const open = new Promise<void>((resolve) => {
    client.events.on((event) => {
      if (event.type === 'qr') simulator.scan(event.text)
      if (event.type === 'state' && event.state === 'open') resolve()
    })
  })
  simulator.events.on((event) => {
    if (event.type === 'unanswered') unanswered.push(event.node)
  })
  await client.start()
  await open
})

afterAll(async () => {
  calls.stop()
  await client.stop()
  store.close()
  await simulator.stop()
  rmSync(directory, { recursive: true })
})

afterEach(() => {
  expect(simulator.violations).toEqual([])
  expect(unanswered).toEqual([])
})

async function dial(name: string): Promise<Call> {
  const lid = await client.lidForNumber(simulator.phone(name).user.number)
  return calls.dial({ lid: lid ?? '' })
}

const ended = (call: Call) =>
  new Promise<CallEnded>((resolve) => call.events.on((event) => event.type === 'ended' && resolve(event)))

const answered = (call: Call) =>
  new Promise<string>((resolve) => call.events.on((event) => event.type === 'answered' && resolve(event.device)))

/** What the server says of a call's end; the phones have then been told too. */
const serverEnd = () =>
  new Promise<string>((resolve) => {
    const stop = simulator.events.on((event) => {
      if (event.type !== 'call-ended') return
      stop()
      resolve(event.how)
    })
  })

describe('the gateway calls', () => {
  it('a phone that answers, and hangs up', async () => {
    const call = await dial('recorder')
    const over = serverEnd()
    await answered(call)
    const phoneSide = media.all.at(-1)!
    expect(Buffer.from(phoneSide.options.callKey).equals(call.callKey)).toBe(true)
    expect(phoneSide.options.peerDevice).toBe(call.self)
    expect(call.relays?.endpoints).toHaveLength(2)
    const end = ended(call)
    call.terminate()
    expect((await end).cause).toBe('hung-up-here')
    expect(await over).toBe('hung-up')
  })

  it('a phone that repeats the key in its accept', async () => {
    simulator.phone('recorder').behaviour = { ...usualBehaviour, ...quick, acceptsWithKey: true }
    const call = await dial('recorder')
    await answered(call)
    const over = serverEnd()
    call.terminate()
    expect(await over).toBe('hung-up')
  })

  it('the second of three devices; the others stop ringing', async () => {
    const call = await dial('second-device')
    expect(await answered(call)).toMatch(/:1@lid$/)
    const over = serverEnd()
    const end = ended(call)
    call.terminate()
    await end
    expect(await over).toBe('hung-up')
  })

  it.each([
    ['busy', 'busy', 'rejected'],
    ['declines', 'declined', 'rejected'],
    ['never', 'no-answer', 'timeout'],
  ])('a phone that is or does: %s', async (name, cause, how) => {
    const over = serverEnd()
    const call = await dial(name)
    expect((await ended(call)).cause).toBe(cause)
    expect(await over).toBe(how)
  })

  it('a phone that hangs up', async () => {
    const phone = simulator.phone('hangs-up')
    phone.behaviour = { ...usualBehaviour, ...quick, hangsUpAfterMs: 50 }
    const call = await dial('hangs-up')
    await answered(call)
    expect((await ended(call)).cause).toBe('hung-up')
  })

  it('and gives up while three devices ring', async () => {
    simulator.phone('second-device').behaviour = { ...usualBehaviour, onCall: 'ignores' }
    const over = serverEnd()
    const call = await dial('second-device')
    await new Promise<void>((resolve) => call.events.on((event) => event.type === 'ringing' && resolve()))
    call.terminate()
    expect(await over).toBe('cancelled')
  })

  it('nobody: the number is not on WhatsApp', async () => {
    expect(await client.lidForNumber('491713920099')).toBeUndefined()
  })

  it('somebody it may not call', async () => {
    simulator.phone('recorder').user.onlyWithToken = true
    const refused = await dial('recorder')
    expect(await ended(refused)).toMatchObject({ cause: 'restricted', code: 463 })
    const lid = await client.lidForNumber(simulator.phone('recorder').user.number)
    simulator.givePrivacyToken('recorder')
    await expect.poll(() => client.privacyToken(lid ?? '')).toBeDefined()
    const call = await dial('recorder')
    await answered(call)
    const over = serverEnd()
    call.terminate()
    await over
    simulator.phone('recorder').user.onlyWithToken = false
  })
})

describe('the gateway is called', () => {
  const incoming = () => new Promise<IncomingCall>((resolve) => calls.onIncoming(resolve))

  it('and answers; the caller hangs up', async () => {
    const rung = incoming()
    const theirs = simulator.phone('talker').call(accountOwner.number)
    const call = await rung
    call.accept()
    await expect.poll(() => theirs.state).toBe('up')
    const end = ended(call)
    theirs.hangUp()
    expect((await end).cause).toBe('hung-up')
  })

  it('and declines', async () => {
    const rung = incoming()
    const theirs = simulator.phone('talker').call(accountOwner.number)
    const call = await rung
    call.reject()
    await expect.poll(() => theirs.overReason).toBe('rejected')
  })

  it('and the owner answers on the phone itself', async () => {
    simulator.account.behaviour = { ...usualBehaviour, takenAfterMs: 100 }
    const rung = incoming()
    const theirs = simulator.phone('talker').call(accountOwner.number)
    const call = await rung
    expect((await ended(call)).cause).toBe('answered-elsewhere')
    expect(theirs.state).toBe('up')
    theirs.hangUp()
    simulator.account.behaviour = { ...usualBehaviour, onCall: 'ignores' }
  })

  it('and the caller gives up', async () => {
    const rung = incoming()
    const theirs = simulator.phone('talker').call(accountOwner.number)
    const call = await rung
    const end = ended(call)
    theirs.hangUp()
    expect((await end).cause).toBe('cancelled')
  })

  it('and nobody answers in time', async () => {
    const rung = incoming()
    const theirs = simulator.phone('talker').call(accountOwner.number)
    expect((await ended(await rung)).cause).toBe('no-answer')
    await expect.poll(() => theirs.overReason).toBe('timeout')
  })
})
