import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CallRecord } from '../../src/bridge/call.ts'
import { Closing } from './closing.ts'
import { CLOSE_TIMEOUT_MS, expectQuiet, type House, numberOf, openHouse } from './house.ts'
import { portBlock } from './ports.ts'
import { playScenario, type Sipp } from './sipp.ts'

const CALLS = 20
const CALLS_PER_SECOND = 5

const closing = new Closing()
let house: House
/** Where sipp calls from, and where the gateway's calls to its trunk go. */
let callingPort: number
let calledPort: number

beforeAll(async () => {
  callingPort = await portBlock(4)
  calledPort = await portBlock(4)
  house = await openHouse(
    closing,
    // sipp answers no OPTIONS besides its scenario.
    { trunks: [{ name: 'sipp', networks: ['127.0.0.1/32'], host: '127.0.0.1', port: calledPort }], qualifyS: 0 },
    { maxCalls: CALLS, inbound: { trunk: 'sipp', extension: '100' } },
  )
  await house.whatsApp.ask('behave', { phone: 'recorder', behaviour: { takenAfterMs: 50 } })
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

interface Outcome {
  readonly records: readonly CallRecord[]
  /** How the calls ended at the phone of WhatsApp's. */
  readonly ends: readonly string[]
}

/** Plays scenarios together until the last has ended; all of their calls must succeed. */
async function play(phone: string, sipps: readonly Sipp[], meanwhile?: () => Promise<void>): Promise<Outcome> {
  const [callsBefore, endsBefore] = await counts(phone)
  try {
    const [results] = await Promise.all([Promise.all(sipps.map((sipp) => sipp.finished)), meanwhile?.()])
    for (const result of results) {
      const log = `${result.errors}\ngateway:\n${house.gateway.output.slice(-2000)}`
      expect(result, log).toMatchObject({ exitCode: 0, failed: 0, successful: CALLS })
    }
  } finally {
    await Promise.all(sipps.map((sipp) => sipp.stop()))
  }
  await expect.poll(() => counts(phone), { timeout: 10_000 }).toEqual([callsBefore + CALLS, endsBefore + CALLS])
  return {
    records: (await house.gateway.ask('ended')).slice(callsBefore),
    ends: (await house.whatsApp.ask('ends', phone)).slice(endsBefore),
  }
}

async function counts(phone: string): Promise<[number, number]> {
  return [(await house.gateway.ask('ended')).length, (await house.whatsApp.ask('ends', phone)).length]
}

const dial = (name: string, phone = 'recorder') =>
  playScenario({
    name,
    calls: CALLS,
    calling: { target: house.sip, dialled: numberOf(phone), callsPerSecond: CALLS_PER_SECOND },
    firstPort: callingPort,
  })

const waitForCalls = (name: string) => playScenario({ name, calls: CALLS, firstPort: calledPort })

/** The gateway sent sound to where sipp's SDP said. */
const heardSipp = ({ quality }: CallRecord) => (quality?.sip?.sent ?? 0) > 0

describe(`sipp, ${CALLS} calls each`, () => {
  it.each(['prack', 'session-timer', 'offerless'])('%s', async (name) => {
    const { records, ends } = await play('recorder', [dial(name)])
    expect(records.map(({ cause, endedBy }) => `${cause} ${endedBy}`)).toEqual(Array(CALLS).fill('normal caller'))
    expect(records.filter(heardSipp)).toHaveLength(CALLS)
    expect(ends).toEqual(Array(CALLS).fill('ended'))
  })

  it('cancel', async () => {
    const { records, ends } = await play('never', [dial('cancel', 'never')])
    expect(records.map(({ cause, ringingAtMs }) => ringingAtMs !== undefined && cause)).toEqual(
      Array(CALLS).fill('cancelled'),
    )
    expect(ends).toEqual(Array(CALLS).fill('ended'))
  })

  it('transfer', async () => {
    const { records, ends } = await play('recorder', [waitForCalls('uas'), dial('transfer')])
    expect(records.map(({ cause, endedBy }) => `${cause} ${endedBy}`)).toEqual(Array(CALLS).fill('normal caller'))
    expect(ends).toEqual(Array(CALLS).fill('ended'))
  })

  it.each(['uas', 'uas-prack'])('%s', async (name) => {
    const { records, ends } = await play('talker', [waitForCalls(name)], async () => {
      for (let i = 0; i < CALLS; i++) {
        await house.whatsApp.ask('call', 'talker')
        await new Promise((resolve) => setTimeout(resolve, 1000 / CALLS_PER_SECOND))
      }
    })
    expect(records.map(({ direction, cause }) => `${direction} ${cause}`)).toEqual(Array(CALLS).fill('inbound normal'))
    expect(records.filter(heardSipp)).toHaveLength(CALLS)
    expect(ends).toEqual(Array(CALLS).fill('ended'))
  })
})
