import { expect, test } from 'vitest'
import { seededRandom } from '../../src/base/random.ts'
import { PhoneDevice, type PhoneDeviceOptions } from '../../src/sim/phone/phone-device.ts'
import { element } from '../../src/sim/server/node.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'

/** A device that is sent stanzas one by one; each gives the tags of what the device sends for it. */
function online(): (id: string, action?: string) => readonly string[] {
  const sent: string[] = []
  let receive = (_: WaNode) => {}
  const network = {
    random: seededRandom(1),
    attach: (_user: unknown, _device: unknown, onStanza: (node: WaNode) => void) => {
      receive = onStanza
      return { send: ({ tag }: WaNode) => sent.push(tag), close: () => {} }
    },
  }
  new PhoneDevice({ network, user: {}, device: { jid: 'a@lid' } } as unknown as PhoneDeviceOptions)
  return (id, tag = 'accept') => {
    const action = element(tag, { 'call-id': 'C1', 'call-creator': 'a@lid' })
    receive(element('call', { from: 'b@lid', id }, [action]))
    return sent.splice(0)
  }
}

test('a stanza that comes twice is heeded once, as long as it is one of the last thousand', () => {
  const give = online()
  expect(give('S0')).toEqual(['ack', 'receipt'])
  for (let i = 1; i < 1000; i++) give(`S${i}`)
  expect(give('S0')).toEqual(['ack'])
  give('S1000')
  expect(give('S0')).toEqual(['ack', 'receipt'])
  expect(give('S1000')).toEqual(['ack'])
})

test('an offer that its terminate has overtaken does not ring', () => {
  const give = online()
  expect(give('S0', 'terminate')).toEqual(['ack'])
  expect(give('S1', 'offer')).toEqual(['ack'])
})
