import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { TandemError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { usualCallBehaviour } from '../../src/sim/server/call-behaviour.ts'
import { FrameReader, frameOf } from '../../src/sim/server/frame-reader.ts'
import { makeNoiseIdentity } from '../../src/sim/server/noise-certificates.ts'
import { NoiseResponder } from '../../src/sim/server/noise-responder.ts'
import { SimServer } from '../../src/sim/server/sim-server.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { StubRelays } from './stubs.ts'

const bytes = fc.uint8Array({ maxLength: 200 })

/** Runs and lets only errors of our own kinds pass. */
function orOwnError(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(TandemError)
  }
}

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(bytes), fc.array(fc.nat(40)), (messages, cuts) => {
        const stream = Buffer.concat([FrameReader.intro, ...messages.map(frameOf)])
        const reader = new FrameReader()
        const out: Uint8Array[] = []
        let at = 0
        for (const cut of [...cuts, stream.length]) {
          out.push(...reader.push(stream.subarray(at, at + cut)))
          at += cut
        }
        expect(out.map((frame) => [...frame])).toEqual(messages.map((message) => [...message]))
      }),
    )
  })

  it('of garbage give an error of ours or wait for more', () => {
    fc.assert(fc.property(bytes, (stream) => orOwnError(() => new FrameReader().push(stream))))
  })

  it('longer than allowed are refused before they are read', () => {
    const reader = new FrameReader()
    expect(() => reader.push(Buffer.concat([FrameReader.intro, Uint8Array.of(0x20, 0, 0)]))).toThrow('at most')
  })
})

describe('the handshake', () => {
  const identity = makeNoiseIdentity()

  it('refuses garbage in every step', () => {
    fc.assert(
      fc.property(bytes, bytes, (hello, finish) => {
        const responder = new NoiseResponder(identity, FrameReader.intro)
        orOwnError(() => responder.hello(hello))
        orOwnError(() => responder.finish(finish))
        orOwnError(() => responder.open(finish))
      }),
    )
  })
})

const attrName = fc.constantFrom('id', 'to', 'class', 'type', 'call-id', 'call-creator', 'jid', 'xmlns', 'stage')
const attrValue = fc.constantFrom(
  '1',
  'call',
  'offer',
  'encrypt',
  'usync',
  'set',
  'get',
  '100000000000001@lid',
  'x@',
  '@lid',
  '',
)
const tag = fc.constantFrom(
  'call',
  'ack',
  'receipt',
  'iq',
  'offer',
  'accept',
  'enc',
  'destination',
  'to',
  'key',
  'user',
  'list',
  'ib',
)
const { node } = fc.letrec<{ node: WaNode }>((tie) => ({
  node: fc.record({
    tag,
    attrs: fc.dictionary(attrName, attrValue),
    content: fc.oneof(
      { maxDepth: 3 },
      fc.constant(undefined),
      fc.uint8Array({ maxLength: 8 }),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  }),
}))

describe('a device', () => {
  it('can send any stanza without breaking the server', () => {
    const server = new SimServer({
      clock: new VirtualClock(),
      logger: silentLogger,
      random: seededRandom(1),
      relays: new StubRelays(),
      behaviour: { ...usualCallBehaviour },
    })
    const user = server.directory.add({
      number: '1',
      lid: '100000000000001',
      name: 'x',
      privacyToken: new Uint8Array(1),
    })
    const line = server.attach(user, server.directory.addDevice(user, undefined), () => {})
    fc.assert(
      fc.property(fc.array(node, { maxLength: 6 }), (stanzas) => {
        for (const stanza of stanzas) line.send(stanza)
      }),
      { numRuns: 500 },
    )
    server.close()
  })
})
