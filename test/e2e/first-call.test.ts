import { expect, it } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { openDemoHouse } from '../../src/cli/demo/demo-house.ts'
import { ScriptedPhone } from '../../src/cli/demo/scripted-phone.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import { hearingAtPhone, hearingAtWhatsApp, narrowSpeech, speechOver } from './hearing.ts'
import { expectNothingLeft, expectQuiet } from './house.ts'
import { openHandles } from './open-handles.ts'

/** The story of one call. Nothing on the path is mocked; only WhatsApp itself is another one. */
it('a desk phone dials a WhatsApp number, and both hear each other', async () => {
  const before = openHandles()

  // A gateway is running. Its account was linked by the owner, who scanned the QR code.
  const house = await openDemoHouse({ log: silentLogger, product: 'Tandem', sipPort: 0, ringTimeoutS: 20, maxCalls: 1 })
  const { gateway, simulator, sipAccount } = house
  expect(gateway.status().accounts).toMatchObject([{ name: 'main', state: 'open' }])

  // A desk phone registers at it, like at any PBX.
  const { username, password, host, port } = sipAccount
  const phone = new ScriptedPhone(
    { username, password, registrar: `${host}:${port}` },
    new NodeNetwork(silentLogger),
    silentLogger,
  )
  await phone.register()

  // Somebody lifts the handset and dials the talker's mobile number, as one does in Germany.
  const talker = simulator.phone('talker')
  const ringsThere = new Promise<PhoneCall>((resolve) => talker.calls.on(resolve))
  const call = (await phone.dial(`0${talker.user.number.slice('49'.length)}`)).willSay(narrowSpeech)

  // WhatsApp rings, and so the desk phone hears ringing.
  const mobile = await ringsThere
  await call.ringing
  expect(gateway.status().activeCalls).toBe(1)

  // The talker answers. Both begin to speak at once.
  await call.established
  await speechOver()
  expect(mobile.state).toBe('up')

  // The desk phone hangs up, and WhatsApp is told.
  call.hangUp()
  const end = await call.ended
  expect(end).toMatchObject({ by: 'local', status: 200 })
  await expect.poll(() => mobile.overReason).toBe('ended')

  // Both have understood every word, soon after it was said.
  const atPhone = hearingAtPhone(call, mobile)
  const atWhatsApp = hearingAtWhatsApp(call, mobile)
  expect(atPhone.stoi).toBeGreaterThanOrEqual(0.9)
  expect(atWhatsApp.stoi).toBeGreaterThanOrEqual(0.9)
  expect(atPhone.oneWayMs).toBeLessThanOrEqual(200)
  expect(atWhatsApp.oneWayMs).toBeLessThanOrEqual(200)

  // WhatsApp found nothing wrong with a single stanza, and when all is over nothing is left.
  await expectQuiet(house)
  await call.close()
  await phone.stop()
  await house.stop()
  await expectNothingLeft(before)
})
