import { afterEach, expect, it } from 'vitest'
import { expectQuiet, type House, numberOf, openHouse, outcomeOf } from './house.ts'

let house: House

afterEach(() => house.close())

const openWith = (dialler: object) => openHouse({ config: () => ({ dialler }) })

it('a stranger whom WhatsApp does not let us call: 503 now, 503 with Retry-After for other strangers, contacts are called', async () => {
  house = await openWith({ breaker: { restrictions: 3, pauseS: 600 } })
  // The talker answers, and is a contact from then on.
  const first = await house.phone.dial(numberOf('talker'))
  await first.established
  first.hangUp()
  await first.ended

  house.simulator.phone('echo').user.onlyWithToken = true
  expect(await outcomeOf(house, 'echo')).toMatchObject({ status: 503 })
  expect(house.records.at(-1)).toMatchObject({ cause: 'account-restricted', endedBy: 'callee' })

  const refused = await outcomeOf(house, 'recorder')
  expect(refused.status).toBe(503)
  expect(refused.retryAfterS).toBeGreaterThan(590)
  expect(refused.retryAfterS).toBeLessThanOrEqual(600)
  expect(house.records.at(-1)).toMatchObject({ cause: 'account-restricted', endedBy: 'gateway' })

  const again = await house.phone.dial(numberOf('talker'))
  await again.established
  again.hangUp()
  expect(await again.ended).toMatchObject({ status: 200 })
  expect(house.gateway.status().accounts[0]).toMatchObject({
    restrictedForS: 0,
    dials: { lastMinute: 3, strangersLastDay: 2 },
  })
  await expectQuiet(house)
})

it('limits: strangers get 480, everyone 503, both with Retry-After; premium and emergency numbers 403', async () => {
  house = await openWith({ perMinute: 3, strangersPerDay: 1 })
  expect(await outcomeOf(house, 'busy')).toMatchObject({ status: 486 })
  expect(await outcomeOf(house, 'declines')).toMatchObject({ status: 480, retryAfterS: 86_400 })
  expect(house.records.at(-1)).toMatchObject({ cause: 'stranger-limit' })
  for (let n = 0; n < 2; n++) expect(await outcomeOf(house, 'busy')).toMatchObject({ status: 486 })
  const limited = await outcomeOf(house, 'busy')
  expect(limited.status).toBe(503)
  expect(limited.retryAfterS).toBeGreaterThan(0)
  expect(limited.retryAfterS).toBeLessThanOrEqual(60)
  expect(house.records.at(-1)).toMatchObject({ cause: 'dial-limit' })

  expect(await outcomeOf(house, '09001234567')).toMatchObject({ status: 403 })
  expect(house.records.at(-1)).toMatchObject({ cause: 'premium-number' })
  expect(await outcomeOf(house, '110')).toMatchObject({ status: 403 })
  expect(house.records.at(-1)).toMatchObject({ cause: 'emergency-number' })
  await expectQuiet(house)
})

it('a person who called us is no stranger', async () => {
  house = await openWith({ strangersPerDay: 0 })
  expect(await outcomeOf(house, 'busy')).toMatchObject({ status: 480 })
  const ringing = house.phone.expectCall()
  const theirs = house.simulator.phone('busy').call(house.simulator.phone('owner').user.number)
  const call = await ringing
  theirs.hangUp()
  await call.ended
  expect(await outcomeOf(house, 'busy')).toMatchObject({ status: 486 })
})
