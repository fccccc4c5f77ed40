import { expect, it } from 'vitest'
import { kindOf } from '../../src/relay/demultiplexer.ts'

it.each([
  ['stun', [0x00, 0x01]],
  ['stun', [0x08, 0x02]],
  ['rtp', [0x90, 0x78]],
  ['rtp', [0x90, 0xf8]],
  ['rtp', [0x80, 191]],
  ['rtp', [0x80, 224]],
  ['rtcp', [0x80, 200]],
  ['rtcp', [0x81, 0xd0]],
  ['rtcp', [0x80, 192]],
  ['rtcp', [0x80, 223]],
  ['unknown', [0x40, 0x78]],
  ['unknown', [0xc0, 0x78]],
  ['unknown', [0x80]],
  ['unknown', []],
])('calls it %s when it begins with %j', (kind, bytes) => {
  expect(kindOf(Uint8Array.from(bytes))).toBe(kind)
})
