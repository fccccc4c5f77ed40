import { afterEach, expect, it } from 'vitest'
import { expectQuiet, type House, numberOf, openHouse, outcomeOf } from './house.ts'
import { RawSip } from './sip-peers.ts'

let house: House

afterEach(() => house.close())

const openWith = (dialler: object) => openHouse({ config: () => ({ dialler }) })

it('a stranger whom WhatsApp does not let us call: 480 with Retry-After now and for other strangers, contacts are called', async () => {
  house = await openWith({ breaker: { restrictions: 3, pauseS: 600 } })
  // The talker answers, and is a contact from then on.
  const first = await house.phone.dial(numberOf('talker'))
  await first.established
  first.hangUp()
  await first.ended

  house.simulator.phone('echo').user.onlyWithToken = true
  expect(await outcomeOf(house, 'echo')).toMatchObject({ status: 480, q850: 21, retryAfterS: 600 })
  expect(house.records.at(-1)).toMatchObject({ cause: 'stranger-restricted', endedBy: 'callee' })

  const refused = await outcomeOf(house, 'recorder')
  expect(refused).toMatchObject({ status: 480, q850: 21 })
  expect(refused.retryAfterS).toBeGreaterThan(590)
  expect(refused.retryAfterS).toBeLessThanOrEqual(600)
  expect(house.records.at(-1)).toMatchObject({ cause: 'stranger-restricted', endedBy: 'gateway' })

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

it('a contact whom WhatsApp does not let us call: the account is not ready, and PBXs are told to stay away', async () => {
  house = await openWith({ breaker: { pauseS: 600 } })
  const talk = await house.phone.dial(numberOf('talker'))
  await talk.established
  talk.hangUp()
  await talk.ended
  expect(house.gateway.status().accounts[0]).toMatchObject({ isReady: true })

  house.simulator.phone('talker').user.onlyWithToken = true
  expect(await outcomeOf(house, 'talker')).toMatchObject({ status: 503, q850: 42, retryAfterS: 600 })
  expect(house.gateway.status().accounts[0]).toMatchObject({ state: 'open', isReady: false })
  const peer = await RawSip.open(house.sipPort)
  const options = await peer.request('OPTIONS', `sip:127.0.0.1:${house.sipPort}`)
  await peer.close()
  expect(options.status).toBe(503)
  expect(Number(options.headers.get('Retry-After'))).toBeGreaterThan(590)

  // With the token that the contact then gives, WhatsApp would let us; the pause lasts all the same.
  house.simulator.givePrivacyToken('talker')
  expect(await outcomeOf(house, 'talker')).toMatchObject({ status: 503, q850: 42 })
  expect(house.records.at(-1)).toMatchObject({ cause: 'account-restricted', endedBy: 'gateway' })
  await expectQuiet(house)
})

it('a stranger who wants a privacy token, and gave us one, is called', async () => {
  house = await openWith({})
  const echo = house.simulator.phone('echo')
  echo.user.onlyWithToken = true
  house.simulator.givePrivacyToken('echo')
  const lid = `${echo.user.lid}@lid`
  const token = () => house.gateway.account('main')?.client.privacyToken(lid)
  await expect.poll(token).toBeDefined()
  const call = await house.phone.dial(numberOf('echo'))
  await call.established
  call.hangUp()
  await call.ended
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
