import { afterEach, expect, it } from 'vitest'
import { accountOwner } from '../../src/sim/cast.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { expectQuiet, type House, openHouse, over, PHONE } from './house.ts'

let house: House

afterEach(() => house.close())

const contentOf = ({ content }: WaNode) => (Array.isArray(content) ? (content as readonly WaNode[]) : [])

/** A call to the account that the desk phone refuses as busy while the owner's own phone rings. */
async function deskIsBusy(exclusive: boolean) {
  const inbound = [{ account: 'main', user: PHONE.username, exclusive }]
  house = await openHouse({ config: () => ({ routing: { inbound } }) })
  const own: string[] = []
  const rejects: (string | undefined)[] = []
  house.simulator.events.on((event) => {
    const [action] = event.type === 'stanza' && event.direction === 'in' ? contentOf(event.node) : []
    if (action?.tag === 'reject') rejects.push(action.attrs.reason)
  })
  house.simulator.account.calls.on((call) => call.events.on(({ type }) => own.push(type)))
  const ringing = house.phone.expectCall()
  const theirs = house.simulator.phone('talker').call(accountOwner.number)
  const ours = await ringing
  await expect.poll(() => own).toEqual(['ringing'])
  ours.decline(486)
  await over(ours)
  await expect.poll(() => house.records.at(-1)?.cause).toBe('extension-busy')
  await expect.poll(() => rejects).toEqual([exclusive ? undefined : 'busy'])
  return { theirs, own }
}

it('the extension is busy: the owner’s phone rings on', async () => {
  const { theirs, own } = await deskIsBusy(false)
  expect(theirs.state).toBe('ringing')
  expect(own).toEqual(['ringing'])
  theirs.hangUp()
  await expect.poll(() => own).toEqual(['ringing', 'over'])
  await expectQuiet(house)
})

it('the extension is busy, and the PBX decides alone: the call is over, and the owner’s phone stops ringing', async () => {
  const { theirs, own } = await deskIsBusy(true)
  await expect.poll(() => theirs.overReason).toBe('rejected')
  await expect.poll(() => own).toEqual(['ringing', 'over'])
  await expectQuiet(house)
})
