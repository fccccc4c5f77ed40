import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { accountOwner } from '../../src/sim/cast.ts'
import type { PhoneBehaviour } from '../../src/sim/phone/behaviour.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import { hearingAtPhone, hearingAtWhatsApp, narrowSpeech, speechOver } from './hearing.ts'
import { expectQuiet, type House, openHouse, over } from './house.ts'

const SOON_MS = 100

let house: House

beforeAll(async () => {
  house = await openHouse()
})
afterEach(async () => {
  ownerWill({ onCall: 'ignores' })
  await expectQuiet(house)
})
afterAll(() => house.close())

function ownerWill(behaviour: Partial<PhoneBehaviour>): void {
  const { account } = house.simulator
  account.behaviour = { ...account.behaviour, ...behaviour }
}

/** The talker calls the account. */
async function incoming(answerAfterMs?: number) {
  const ringing = house.phone.expectCall(answerAfterMs)
  const theirs = house.simulator.phone('talker').call(accountOwner.number)
  return { theirs, ours: await ringing }
}

const isUp = (call: PhoneCall) => expect.poll(() => call.state, { timeout: 5000 }).toBe('up')

it('is answered on the desk phone, heard both ways, and ended by WhatsApp', async () => {
  const { theirs, ours } = await incoming(SOON_MS)
  ours.willSay(narrowSpeech)
  await isUp(theirs)
  await speechOver()
  theirs.hangUp()
  expect(await over(ours)).toMatchObject({ by: 'remote', status: 200, q850: 16 })
  const atPhone = hearingAtPhone(ours, theirs)
  const atWhatsApp = hearingAtWhatsApp(ours, theirs)
  expect(atPhone.stoi).toBeGreaterThanOrEqual(0.9)
  expect(atWhatsApp.stoi).toBeGreaterThanOrEqual(0.9)
  expect(atPhone.oneWayMs).toBeLessThanOrEqual(200)
  expect(atWhatsApp.oneWayMs).toBeLessThanOrEqual(200)
  const from = house.simulator.phone('talker').user.number
  expect(house.records.at(-1)).toMatchObject({
    direction: 'inbound',
    cause: 'normal',
    endedBy: 'caller',
    from,
    to: 'desk',
  })
})

it('is ended by the desk phone', async () => {
  const { theirs, ours } = await incoming(SOON_MS)
  await isUp(theirs)
  ours.hangUp()
  expect(await over(ours)).toMatchObject({ by: 'local', status: 200 })
  await expect.poll(() => theirs.overReason).toBe('ended')
  expect(house.records.at(-1)).toMatchObject({ cause: 'normal', endedBy: 'callee' })
})

it('is given up by the caller while it rings', async () => {
  const { theirs, ours } = await incoming()
  await expect.poll(() => theirs.state).toBe('ringing')
  theirs.hangUp()
  expect(await over(ours)).toMatchObject({ by: 'remote', status: 487 })
  expect(house.records.at(-1)).toMatchObject({ cause: 'cancelled' })
})

it.each([
  ['answers', 'answered-elsewhere', 26],
  ['declines', 'declined-elsewhere', 21],
] as const)('the owner %s on the mobile: CANCEL says why', async (onCall, cause, q850) => {
  ownerWill({ onCall, takenAfterMs: 600 })
  const { theirs, ours } = await incoming()
  expect(await over(ours)).toMatchObject({ by: 'remote', status: 487, q850 })
  expect(house.records.at(-1)).toMatchObject({ cause })
  if (onCall === 'answers') {
    expect(theirs.state).toBe('up')
    theirs.hangUp()
  } else expect(theirs.overReason).toBe('rejected')
})

it('is declined on the desk phone for every device of the account', async () => {
  const ringing = house.phone.expectCall()
  const theirs = house.simulator.phone('talker').call(accountOwner.number)
  const ours = await ringing
  await expect.poll(() => theirs.state).toBe('ringing')
  ours.decline(603)
  expect(await over(ours)).toMatchObject({ by: 'local', status: 603 })
  await expect.poll(() => theirs.overReason).toBe('rejected')
  expect(house.records.at(-1)).toMatchObject({ cause: 'extension-declined', endedBy: 'callee' })
})
