import { G711Decoder, G711Encoder } from '../../src/media/codecs/g711/g711.ts'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { OpusDecoder, OpusEncoder } from '../../src/media/codecs/opus/opus.ts'
import { codecContract } from './codec.ts'

for (const law of ['pcmu', 'pcma'] as const) {
  codecContract(law, async () => ({ encoder: new G711Encoder(law), decoder: new G711Decoder(law) }))
}

for (const [sampleRateHz, frameMs] of [
  [16000, 20],
  [16000, 60],
  [48000, 20],
] as const) {
  codecContract(`opus ${sampleRateHz} Hz ${frameMs} ms`, async () => {
    const options = { sampleRateHz, frameMs, bitrate: 24000, complexity: 5, expectedLossPercent: 0, dtx: false }
    const encoder = await OpusEncoder.create(options)
    const decoder = await OpusDecoder.create(sampleRateHz)
    return {
      encoder,
      decoder,
      close: () => {
        encoder.close()
        decoder.close()
      },
    }
  })
}

codecContract('mlow', async () => ({ encoder: new MlowEncoder(), decoder: new MlowDecoder() }))
