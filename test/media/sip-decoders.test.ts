import { expect, it } from 'vitest'
import type { AudioDecoder } from '../../src/media/codecs/codec.ts'
import type { SipCodec } from '../../src/media/sip-codecs.ts'
import { SIP_CODECS } from '../../src/media/sip-codecs.ts'
import { SipDecoders } from '../../src/media/sip-decoders.ts'

it('a codec agreed on twice at a time has one decoder, and every decoder that was made is closed once', async () => {
  const closed = new Map<AudioDecoder, number>()
  const codec: SipCodec = {
    ...SIP_CODECS.L16,
    newDecoder: async () => {
      const decoder: AudioDecoder = Object.assign(await SIP_CODECS.L16.newDecoder(), {
        close: () => void closed.set(decoder, (closed.get(decoder) ?? 0) + 1),
      })
      closed.set(decoder, 0)
      return decoder
    },
  }
  const decoders = await SipDecoders.create()
  const agreed = (payloadType: number) => [{ codec, ...codec, payloadType, fmtp: undefined }]
  await Promise.all([decoders.accept(agreed(96)), decoders.accept(agreed(97))])
  expect(decoders.paths.get(96)?.decoder).toBe(decoders.paths.get(97)?.decoder)
  decoders.close()
  await decoders.accept(agreed(98))
  expect([...closed.values()]).toEqual([1, 1])
})
