import { expect, it } from 'vitest'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import { hearingAtPhone, hearingAtWhatsApp, narrowSpeech, speechOver } from './hearing.ts'
import { answered, expectQuiet, houseConfig, numberOf, openHouse, over } from './house.ts'

type Settings = Record<'relay' | 'voice', Record<string, unknown>>

const MAX_CALLS = 1
const RING_S = 20

/** Ways to reach relays and to send speech that a live call may need instead of the usual ones. */
it.each<[string, Partial<Settings>, RegExp | undefined]>([
  ['relays reached in raw mode', { relay: { transport: 'raw' } }, undefined],
  ['ordinary Opus', { voice: { codec: 'opus' } }, /Opus to WhatsApp/],
  ['copies in every packet, pauses left out', { voice: { redundancy: 'always', dtx: true } }, undefined],
])('a call with %s is heard both ways', async (_, settings, logged) => {
  const house = await openHouse({
    config: (dataDirectory) => {
      const usual = houseConfig(dataDirectory, MAX_CALLS, RING_S)
      return {
        ...usual,
        relay: { ...usual.relay, ...settings.relay },
        whatsapp: { ...usual.whatsapp, voice: settings.voice ?? {} },
      }
    },
  })
  const ringsThere = new Promise<PhoneCall>((resolve) => house.simulator.phone('talker').calls.on(resolve))
  const call = (await house.phone.dial(numberOf('talker'))).willSay(narrowSpeech)
  const mobile = await ringsThere
  await answered(call)
  await speechOver()
  call.hangUp()
  expect(await over(call)).toMatchObject({ by: 'local', status: 200 })

  const atPhone = hearingAtPhone(call, mobile)
  const atWhatsApp = hearingAtWhatsApp(call, mobile)
  expect(atPhone.stoi).toBeGreaterThanOrEqual(0.9)
  expect(atWhatsApp.stoi).toBeGreaterThanOrEqual(0.9)
  expect(Math.max(atPhone.oneWayMs, atWhatsApp.oneWayMs)).toBeLessThanOrEqual(200)
  if (logged) expect(house.log.some((line) => logged.test(line))).toBe(true)
  expect(mobile.mediaStats).toMatchObject({ packetsRejected: 0 })
  await expectQuiet(house)
  await house.close()
})
