import { expect, it } from 'vitest'
import { deriveSenderKeys } from '../../src/media/srtp/call-keys.ts'
import { accountOwner, cast } from '../../src/sim/cast.ts'
import type { OutgoingCall } from '../../src/whatsapp/calls/outgoing-call.ts'
import { spellings, storedSecrets } from './account-secrets.ts'
import { answered, expectQuiet, numberOf, openHouse, over, PHONE } from './house.ts'

/** All byte strings of 16 bytes and more inside a value, however deep. */
function bytesWithin(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return value.length >= 16 ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(bytesWithin)
}

it('no line of the log at level debug, from pairing to the end of calls, holds a secret or a whole number', async () => {
  const stdout: string[] = []
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = ((chunk: string | Uint8Array) => stdout.push(chunk.toString()) > 0) as typeof write
  const house = await openHouse()
  const dialled: OutgoingCall[] = []
  const calls = house.gateway.account('main')!.calls
  const dial = calls.dial.bind(calls)
  calls.dial = (request) => {
    const call = dial(request)
    dialled.push(call)
    return call
  }

  const call = await house.phone.dial(numberOf('echo'))
  await answered(call)
  await expect.poll(() => call.media.recording().pcm.length, { timeout: 5000 }).toBeGreaterThan(4000)
  call.hangUp()
  await over(call)
  const ringing = house.phone.expectCall(50)
  const theirs = house.simulator.phone('talker').call(accountOwner.number)
  await ringing
  await expect.poll(() => theirs.state, { timeout: 5000 }).toBe('up')
  theirs.hangUp()
  await expectQuiet(house)
  await house.gateway.stop()
  const stored = storedSecrets(house.dataDirectory)
  await house.close()
  process.stdout.write = write

  const [outgoing] = dialled
  const { callKey, self, relays } = outgoing!
  const srtp = bytesWithin(deriveSenderKeys(callKey, self))
  const relaySecrets = bytesWithin({ ...relays, tokens: [...relays!.tokens.values()] })
  expect(srtp.length).toBeGreaterThan(1)
  expect(stored.length).toBeGreaterThan(10)
  const secrets = [
    ...[callKey, ...srtp, ...relaySecrets].flatMap(spellings),
    ...stored,
    PHONE.password,
    relays!.key,
    ...[accountOwner, ...cast].map(({ number }) => number),
  ]
  const text = [...house.log, ...stdout].join('')
  expect(text).toContain('"msg":"call state"')
  const unescaped = text.replaceAll('\\/', '/')
  expect(secrets.filter((secret) => unescaped.includes(secret))).toEqual([])
  expect(text).not.toMatch(/privKey|chainKey|rootKey/)
})
