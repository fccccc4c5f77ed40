import { cpus, loadavg } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { G711Encoder } from '../../src/media/codecs/g711/g711.ts'
import { Closing } from './closing.ts'
import { narrowSpeech } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, expectQuiet, type House, numberOf, openHouse } from './house.ts'
import { report } from './report.ts'
import { runSipp, type SippLoad } from './sipp.ts'

/** With sound: answered by somebody who has to reach for the phone, so that relays are dialled while it rings. */
const TALKING = { calls: 100, callsPerSecond: 4, talkMs: 5_000 }
const REACHING_MS = 2_000
const HURRIED = { calls: 200, callsPerSecond: 10, talkMs: 2_000 }
/** More than are up at once when every call is answered in time. */
const MAX_CALLS = 100

const closing = new Closing()
let house: House

beforeAll(async () => {
  const trunks = [{ name: 'sipp', networks: ['127.0.0.1/32'], host: '127.0.0.1' }]
  house = await openHouse(closing, { trunks }, { maxCalls: MAX_CALLS, relays: 1 })
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

const alawSpeech = () => {
  const bytes = new Uint8Array(narrowSpeech.length)
  new G711Encoder('pcma').encode(narrowSpeech, bytes)
  return bytes
}

const answeredAfter = (takenAfterMs: number) =>
  house.whatsApp.ask('behave', { phone: 'recorder', behaviour: { takenAfterMs } })

async function load(name: string, plan: Omit<SippLoad, 'target' | 'dialled'>): Promise<void> {
  const result = await runSipp({ target: house.sip, dialled: numberOf('recorder'), ...plan })
  const { successful, failed, retransmissions, seconds } = result
  const [gatewayCpu, whatsAppCpu] = await Promise.all([house.gateway.ask('cpuMs'), house.whatsApp.ask('cpuMs')])
  report(name, {
    successful,
    failed,
    retransmissions,
    seconds,
    gatewayCpu: gatewayCpu / 1000,
    whatsAppCpu: whatsAppCpu / 1000,
    load: loadavg()[0],
    cores: cpus().length,
  })
  expect(result, result.errors).toMatchObject({ failed: 0, successful: plan.calls, exitCode: 0 })
}

describe('sipp', () => {
  it(`makes ${TALKING.calls} calls at ${TALKING.callsPerSecond} a second: none fails, and all have sound`, async () => {
    await answeredAfter(REACHING_MS)
    const before = (await house.gateway.ask('ended')).length
    await load('load', { ...TALKING, speech: alawSpeech() })
    const records = (await house.gateway.ask('ended')).slice(before)
    expect(records.map(({ cause }) => cause)).toEqual(Array(TALKING.calls).fill('normal'))
    const heard = records.filter(
      ({ quality }) => (quality?.sip?.received ?? 0) > 0 && (quality?.whatsapp?.sent ?? 0) > 0,
    )
    expect(heard).toHaveLength(TALKING.calls)
    const sum = (side: 'sip' | 'whatsapp', key: 'received' | 'lost' | 'concealedMs' | 'sent') =>
      records.reduce((total, { quality }) => total + (quality?.[side]?.[key] ?? 0), 0)
    report('load, sound', {
      sipReceived: sum('sip', 'received'),
      sipLost: sum('sip', 'lost'),
      sipConcealedMs: sum('sip', 'concealedMs'),
      sipSent: sum('sip', 'sent'),
      whatsAppSent: sum('whatsapp', 'sent'),
      whatsAppReceived: sum('whatsapp', 'received'),
      whatsAppConcealedMs: sum('whatsapp', 'concealedMs'),
    })
  })

  it(`loses one SIP message in ten each way in ${HURRIED.calls} calls at ${HURRIED.callsPerSecond} a second: none fails`, async () => {
    await answeredAfter(50)
    await load('loss', { ...HURRIED, lossPercent: 10 })
  })
})
