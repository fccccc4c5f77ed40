import { cpus, loadavg } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { G711Encoder } from '../../src/media/codecs/g711/g711.ts'
import { Closing } from './closing.ts'
import { narrowSpeech } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, expectQuiet, type House, numberOf, openHouse } from './house.ts'
import { report } from './report.ts'
import { runSipp, type SippLoad } from './sipp.ts'

const CALLS = 200
const CALLS_PER_SECOND = 10
const TALK_MS = 2_000
/** More than are up at once when every call is answered in time. */
const MAX_CALLS = 100

const closing = new Closing()
let house: House

beforeAll(async () => {
  const trunks = [{ name: 'sipp', networks: ['127.0.0.1/32'], host: '127.0.0.1' }]
  house = await openHouse(closing, { trunks }, { maxCalls: MAX_CALLS, relays: 1 })
  await house.whatsApp.ask('behave', { phone: 'recorder', behaviour: { takenAfterMs: 50 } })
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

const alawSpeech = () => {
  const bytes = new Uint8Array(narrowSpeech.length)
  new G711Encoder('pcma').encode(narrowSpeech, bytes)
  return bytes
}

async function load(name: string, extra: Partial<SippLoad>): Promise<void> {
  const result = await runSipp({
    target: house.sip,
    dialled: numberOf('recorder'),
    calls: CALLS,
    callsPerSecond: CALLS_PER_SECOND,
    talkMs: TALK_MS,
    ...extra,
  })
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
  expect(result, result.errors).toMatchObject({ failed: 0, successful: CALLS, exitCode: 0 })
}

describe('sipp', () => {
  it(`makes ${CALLS} calls at ${CALLS_PER_SECOND} a second with sound, and none fails`, async () => {
    const before = (await house.gateway.ask('ended')).length
    await load('load', { speech: alawSpeech() })
    const records = (await house.gateway.ask('ended')).slice(before)
    expect(records.map(({ cause }) => cause)).toEqual(Array(CALLS).fill('normal'))
    const heard = records.filter(
      ({ quality }) => (quality?.sip?.received ?? 0) > 0 && (quality?.whatsapp?.sent ?? 0) > 0,
    )
    expect(heard).toHaveLength(CALLS)
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

  it(`loses one SIP message in ten each way in ${CALLS} calls, and none fails`, async () => {
    await load('loss', { lossPercent: 10 })
  })
})
