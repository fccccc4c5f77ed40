import { describe, expect, it } from 'vitest'
import { registrationDialect } from '../../src/relay/registration-dialect.ts'
import {
  encodeNativeStream,
  encodeNativeSubscription,
  encodeSenderSubscription,
  encodeStreamDescriptors,
} from '../../src/relay/stream-descriptors.ts'
import {
  buildStun,
  hasFingerprint,
  hasIntegrity,
  parseStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
  type StunAttribute,
  type StunTrailer,
  xorAddress,
} from '../../src/relay/stun.ts'
import { fromHex, jsonVectors, toHex } from './json-vectors.ts'

interface CryptoVectors {
  readonly stun: readonly (Record<
    | 'androidAllocate'
    | 'ip'
    | 'miKey'
    | 'minimal'
    | 'ping'
    | 'token'
    | 'tx'
    | 'wasmAllocate'
    | 'wasmAllocateSsrcs'
    | 'xor',
    string
  > &
    Record<'pid' | 'port' | 'ssrc', number> & { readonly minimalFp: boolean })[]
  readonly ssrc: readonly { readonly ssrcs: readonly number[] }[]
}

interface Kats {
  readonly inputs: { readonly callId: string; readonly selfLid: string; readonly ssrc: number }
  readonly stun: Record<
    'tx' | 'relayToken' | 'miKey' | 'xorEndpoint' | 'minimalMi' | 'withFp' | 'wasmAllocate' | 'ping',
    string
  >
  readonly stun_proto: Record<string, string>
}

const cryptoFiles = jsonVectors<CryptoVectors>('media crypto', (file) => Array.isArray(file.stun))
const katFiles = jsonVectors<Kats>('primitive answers', (file) => 'stun' in file && 'stun_proto' in file)

/** The pairs of stream and layer in the order of a registration. */
const STREAM_LAYERS = [0, 1, 2].flatMap((stream) => [0, 1, 2].map((layer) => ({ stream, layer })))

const token = (hex: string): StunAttribute => ({ type: STUN_ATTRIBUTE.token, value: fromHex(hex) })
const descriptors = (ssrcs: readonly number[]): StunAttribute => ({
  type: STUN_ATTRIBUTE.streamDescriptors,
  value: encodeStreamDescriptors(STREAM_LAYERS.map((place, i) => ({ ...place, ssrc: ssrcs[i] }))),
})
const relayed = (value: Uint8Array): StunAttribute => ({ type: STUN_ATTRIBUTE.xorRelayedAddress, value })

/** The slots in the order of a registration. */
const REGISTERED_SLOTS = [0, 1, 4, 2, 3, 5, 7, 8, 6]

/** The endpoint behind the port and address of an XOR address attribute, in hex. */
function endpointOf(xorHex: string): { address: string; port: number } {
  const clear = fromHex(xorHex).map((byte, i) => byte ^ [0x21, 0x12, 0x21, 0x12, 0xa4, 0x42][i])
  return { address: clear.slice(2).join('.'), port: (clear[0] << 8) | clear[1] }
}

/** The SSRCs inside a registration, read without the code under test. */
function ssrcsIn(allocateHex: string): number[] {
  const { attributes } = parseStun(fromHex(allocateHex))
  const hex = toHex(attributes.find(({ type }) => type === STUN_ATTRIBUTE.streamDescriptors)!.value)
  return [...hex.matchAll(/18((?:[89a-f][0-9a-f])*[0-7][0-9a-f])(?=0a|$)/g)].map(([, varint]) =>
    [...fromHex(varint)].reduce((sum, byte, i) => sum + (byte & 127) * 128 ** i, 0),
  )
}

function allocate(tx: string, attributes: StunAttribute[], trailer: StunTrailer): string {
  return toHex(buildStun(STUN_TYPE.allocateRequest, fromHex(tx), attributes, trailer))
}

describe.each(cryptoFiles)('$path', ({ content }) => {
  it.each(content.stun)('writes the messages of transaction $tx', (vector) => {
    const integrityKey = fromHex(vector.miKey)
    const signed: StunTrailer = { integrityKey }
    expect(toHex(buildStun(STUN_TYPE.ping, fromHex(vector.tx)))).toBe(vector.ping)
    expect(allocate(vector.tx, [], { ...signed, fingerprint: vector.minimalFp })).toBe(vector.minimal)
    expect(toHex(xorAddress({ address: vector.ip, port: vector.port }, fromHex(vector.tx)).subarray(2))).toBe(
      vector.xor,
    )

    const address = relayed(xorAddress({ address: vector.ip, port: vector.port }, fromHex(vector.tx)))
    for (const expected of [vector.wasmAllocate, vector.wasmAllocateSsrcs]) {
      const streams = descriptors(ssrcsIn(expected))
      expect(allocate(vector.tx, [token(vector.token), streams, address], signed)).toBe(expected)
    }

    const { ssrc, pid } = vector
    const native = [
      token(vector.token),
      { type: STUN_ATTRIBUTE.senderSubscriptions, value: encodeNativeSubscription(ssrc, pid) },
      { type: STUN_ATTRIBUTE.streamDescriptors, value: encodeNativeStream(ssrc) },
    ]
    expect(allocate(vector.tx, native, { ...signed, fingerprint: true })).toBe(vector.androidAllocate)
  })

  it('registers the nine SSRCs of the call in their order', () => {
    expect(content.stun.map(({ wasmAllocateSsrcs }) => ssrcsIn(wasmAllocateSsrcs))).toEqual(
      content.ssrc.map(({ ssrcs }) => ssrcs),
    )
  })

  it.each(content.stun)('accepts the trailers of transaction $tx and no changed ones', (vector) => {
    const message = parseStun(fromHex(vector.androidAllocate))
    expect(hasIntegrity(message, fromHex(vector.miKey))).toBe(true)
    expect(hasIntegrity(message, fromHex(`${vector.miKey}00ff`))).toBe(false)
    expect(hasFingerprint(message)).toBe(true)
    expect(hasFingerprint(parseStun(fromHex(vector.wasmAllocate)))).toBe(false)
  })
})

describe.each(katFiles)('$path', ({ content: { inputs, stun, stun_proto } }) => {
  const integrityKey = fromHex(stun.miKey)

  it('writes the messages', () => {
    expect(allocate(stun.tx, [token(stun.relayToken)], { integrityKey })).toBe(stun.minimalMi)
    expect(allocate(stun.tx, [token(stun.relayToken)], { integrityKey, fingerprint: true })).toBe(stun.withFp)
    expect(toHex(buildStun(STUN_TYPE.ping, fromHex(stun.tx)))).toBe(stun.ping)
    const address = relayed(Uint8Array.of(0, 1, ...fromHex(stun.xorEndpoint)))
    const streams = descriptors(ssrcsIn(stun.wasmAllocate))
    expect(allocate(stun.tx, [token(stun.relayToken), streams, address], { integrityKey })).toBe(stun.wasmAllocate)
  })

  it('registers in raw mode with exactly these bytes', () => {
    const listed = ssrcsIn(stun.wasmAllocate)
    const selfSsrcs: number[] = []
    for (const [i, slot] of REGISTERED_SLOTS.entries()) selfSsrcs[slot] = listed[i]
    const { requests } = registrationDialect({
      candidate: {
        relayId: '0',
        relayName: '',
        endpoint: endpointOf(stun.xorEndpoint),
        protocol: 0,
        isFna: false,
        c2rRttMs: undefined,
        token: fromHex(stun.relayToken),
        authToken: new Uint8Array(0),
        key: Buffer.from(integrityKey).toString('latin1'),
      },
      endpoint: endpointOf(stun.xorEndpoint),
      localUfrag: undefined,
      random: { bytes: () => fromHex(stun.tx), below: () => 0 },
    })
    const [request, ...others] = requests({ selfPid: 1, peerPid: 2, selfSsrcs, peerSsrc: 0 })
    expect(others).toEqual([])
    const { type, transactionId, attributes, trailer } = request
    expect(toHex(buildStun(type, transactionId!, attributes, trailer))).toBe(stun.wasmAllocate)
  })

  it('writes the protobuf messages', () => {
    const subscription = stun_proto.voip_sender_subscriptions
    const peerSsrc = [...fromHex(subscription).subarray(3, 8)].reduce(
      (sum, byte, i) => sum + (byte & 127) * 128 ** i,
      0,
    )
    expect(toHex(encodeSenderSubscription(peerSsrc))).toBe(subscription)
    expect(toHex(encodeNativeSubscription(inputs.ssrc, undefined))).toBe(stun_proto.apk_sender_subscriptions_nopid)
    expect(toHex(encodeNativeSubscription(inputs.ssrc, 7))).toBe(stun_proto.apk_sender_subscriptions_pid)
    expect(toHex(encodeNativeStream(inputs.ssrc))).toBe(stun_proto.apk_stream_descriptors)
  })
})
