import { describe, expect, it } from 'vitest'
import { deriveHopKeys } from '../../src/media/srtp/hop-keys.ts'
import { SframeReceiver } from '../../src/media/srtp/sframe.ts'
import { SrtpCipher } from '../../src/media/srtp/srtp-cipher.ts'
import { fromHex, jsonVectors, toHex } from './json-vectors.ts'

type HopVector = Record<
  | 'hbhKey'
  | 'payload'
  | 'cipher'
  | 'upSessionKey'
  | 'upSessionSalt'
  | 'upAuth'
  | 'downSessionKey'
  | 'downSessionSalt'
  | 'downAuth',
  string
> & { readonly packetIndex: number; readonly ssrc: number }

interface CryptoVectors {
  readonly hbh: readonly HopVector[]
  readonly sframe: readonly (Record<'callKey' | 'peer' | 'payload', string> & { readonly frames: readonly string[] })[]
}

const files = jsonVectors<CryptoVectors>('hop-by-hop keys and SFrame', (file) => 'hbh' in file && 'sframe' in file)
const cryptoFiles = files.filter(({ content }) => Array.isArray(content.hbh))

describe.each(cryptoFiles)('$path', ({ content }) => {
  it.each(content.hbh)('derives the hop-by-hop keys of $hbhKey', (vector) => {
    const up = deriveHopKeys(fromHex(vector.hbhKey), 'uplink').rtp
    const down = deriveHopKeys(fromHex(vector.hbhKey), 'downlink').rtp
    expect([up.cipherKey, up.salt, up.authKey, down.cipherKey, down.salt, down.authKey].map(toHex)).toEqual([
      vector.upSessionKey,
      vector.upSessionSalt,
      vector.upAuth,
      vector.downSessionKey,
      vector.downSessionSalt,
      vector.downAuth,
    ])
  })

  it.each(content.hbh)('encrypts with the hop-by-hop keys at index $packetIndex', (vector) => {
    const out = new Uint8Array(vector.payload.length / 2)
    const ciphers = (['uplink', 'downlink'] as const).map((direction) => {
      new SrtpCipher(deriveHopKeys(fromHex(vector.hbhKey), direction).rtp).apply(
        vector.ssrc,
        vector.packetIndex,
        fromHex(vector.payload),
        out,
        0,
      )
      return toHex(out)
    })
    expect(ciphers).toContain(vector.cipher)
  })

  it.each(content.sframe)('opens the three frames for $peer', ({ callKey, peer, payload, frames }) => {
    const receiver = new SframeReceiver(fromHex(callKey), peer)
    const out = new Uint8Array(1500)
    for (const frame of frames) expect(toHex(out.subarray(0, receiver.open(fromHex(frame), out)))).toBe(payload)
  })

  it.each(content.sframe)('leaves frames alone that are not for $peer', ({ callKey, peer, payload, frames }) => {
    const out = new Uint8Array(1500)
    const receiver = new SframeReceiver(fromHex(callKey), peer)
    const forged = fromHex(frames[0])
    forged[0] ^= 1
    expect(receiver.open(forged, out)).toBe(0)
    expect(receiver.open(fromHex(payload), out)).toBe(0)
    expect(new SframeReceiver(fromHex(callKey), '1:1@lid').open(fromHex(frames[0]), out)).toBe(0)
  })
})
