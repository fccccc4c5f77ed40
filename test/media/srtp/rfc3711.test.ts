import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { SrtpCipher } from '../../../src/media/srtp/srtp-cipher.ts'
import { deriveSrtpKeys } from '../../../src/media/srtp/srtp-keys.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

describe('RFC 3711, appendix B', () => {
  it('B.2: the keystream of AES in counter mode', () => {
    const cipher = new SrtpCipher({
      cipherKey: bytes('2B7E151628AED2A6ABF7158809CF4F3C'),
      salt: bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'),
      authKey: new Uint8Array(20),
    })
    const stream = new Uint8Array(0xff02 * 16)
    cipher.apply(0, 0, stream, stream, 0)
    const blocks = (from: number) => hex(stream.subarray(16 * from, 16 * (from + 3)))
    expect(blocks(0)).toBe(
      'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
    )
    expect(blocks(0xfeff)).toBe(
      'ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44',
    )
  })

  it('B.3: session keys of RTP and RTCP from the master key and salt', () => {
    const { rtp } = deriveSrtpKeys(bytes('E1F97A0D3E018BE0D64FA32C06DE4139'), bytes('0EC675AD498AFEEBB6960B3AABE6'))
    expect(hex(rtp.cipherKey)).toBe('c61e7a93744f39ee10734afe3ff7a087')
    expect(hex(rtp.salt)).toBe('30cbbc08863d8c85d49db34a9ae1')
    expect(hex(rtp.authKey)).toBe('cebe321f6ff7716b6fd4ab49af256a156d38baa4')
  })
})
