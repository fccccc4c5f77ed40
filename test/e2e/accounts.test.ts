import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { CallRecord } from '../../src/bridge/call.ts'
import { type DemoWhatsApp, openDemoWhatsApp } from '../../src/cli/demo/demo-whatsapp.ts'
import { ScriptedPhone } from '../../src/cli/demo/scripted-phone.ts'
import { configFrom } from '../../src/config/load.ts'
import { Gateway } from '../../src/gateway.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { answered, expectNothingLeft, LOOPBACK, numberOf, over } from './house.ts'
import { type OpenHandles, openHandles } from './open-handles.ts'

const NAMES = ['first', 'second'] as const
const ANYONE = { username: 'anyone', password: 'of either account' }
const TIED = { username: 'tied', password: 'to the second account', account: 'second' }

let before: OpenHandles
let directory: string
let whatsApp: DemoWhatsApp
let gateway: Gateway
let anyone: ScriptedPhone
let tied: ScriptedPhone
const records: CallRecord[] = []

/** Two linked devices of one WhatsApp user, each an account of the gateway with room for one call. */
beforeAll(async () => {
  before = openHandles()
  directory = mkdtempSync(join(tmpdir(), 'tandem-accounts-'))
  whatsApp = await openDemoWhatsApp(silentLogger, systemClock)
  const config = configFrom({
    dataDirectory: directory,
    sip: { listen: [{ transport: 'udp', address: LOOPBACK, port: 0 }], users: [ANYONE, TIED] },
    media: { address: LOOPBACK },
    whatsapp: { accounts: NAMES.map((name) => ({ name, maxCalls: 1 })) },
    relay: { portPolicy: 'advertised' },
    dialler: { perMinute: 100 },
  })
  const log = silentLogger
  gateway = new Gateway(config, { log, product: 'Tandem/test', place: whatsApp.place, pairing: { method: 'qr' } })
  gateway.callChanged.on((record) => record.state === 'ended' && records.push(record))
  const open = NAMES.map(isOpen)
  await gateway.start()
  await Promise.all(open)
  anyone = await phoneOf(ANYONE)
  tied = await phoneOf(TIED)
})

afterAll(async () => {
  await anyone.stop()
  await tied.stop()
  await gateway.stop()
  await whatsApp.stop()
  rmSync(directory, { recursive: true, force: true })
  await expectNothingLeft(before)
})

function isOpen(name: string): Promise<void> {
  return new Promise((resolve) => {
    gateway.account(name)?.client.events.on((event) => {
      if (event.type === 'qr') whatsApp.simulator.scan(event.text)
      if (event.type === 'state' && event.state === 'open') resolve()
    })
  })
}

async function phoneOf({ username, password }: typeof ANYONE): Promise<ScriptedPhone> {
  const registrar = `${LOOPBACK}:${gateway.sipListening[0]?.port}`
  const phone = new ScriptedPhone({ username, password, registrar }, new NodeNetwork(silentLogger), silentLogger)
  await phone.register()
  return phone
}

async function talkingTo(whom: string, phone: ScriptedPhone) {
  const call = await phone.dial(numberOf(whom))
  await answered(call)
  return call
}

const outcome = async (phone: ScriptedPhone) => over(await phone.dial(numberOf('busy')))

describe('two accounts', () => {
  it('the first with room makes a call; when both are full, 486', async () => {
    const one = await talkingTo('recorder', anyone)
    const two = await talkingTo('talker', anyone)
    expect(await outcome(anyone)).toMatchObject({ status: 486, q850: 17 })
    expect(records.at(-1)).toMatchObject({ cause: 'account-busy' })
    expect(gateway.status().accounts.map(({ activeCalls }) => activeCalls)).toEqual([1, 1])
    one.hangUp()
    two.hangUp()
    await Promise.all([over(one), over(two)])
    await expect
      .poll(() =>
        records
          .slice(-2)
          .map(({ account }) => account)
          .sort(),
      )
      .toEqual(['first', 'second'])
  })

  it('a phone that is tied to the second uses no other', async () => {
    expect(await outcome(tied)).toMatchObject({ status: 486 })
    expect(records.at(-1)).toMatchObject({ account: 'second', cause: 'busy' })
    const call = await talkingTo('recorder', tied)
    expect(await outcome(tied)).toMatchObject({ status: 486 })
    expect(records.at(-1)).toMatchObject({ cause: 'account-busy' })
    call.hangUp()
    await over(call)
  })

  it('when the second is gone, its phone gets 503, and the others are served', async () => {
    await gateway.account('second')?.client.stop()
    expect(await outcome(tied)).toMatchObject({ status: 503, retryAfterS: 10 })
    expect(records.at(-1)).toMatchObject({ cause: 'account-offline' })
    expect(await outcome(anyone)).toMatchObject({ status: 486 })
    expect(records.at(-1)).toMatchObject({ account: 'first', cause: 'busy' })
  })
})
