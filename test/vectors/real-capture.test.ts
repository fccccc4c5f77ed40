import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowOrOpusDecoder } from '../../src/media/codecs/mlow-or-opus.ts'
import { fromWhatsapp } from '../../src/media/pipeline.ts'
import { newRtpHeader, WARP_AUDIO_PAYLOAD_TYPE } from '../../src/media/rtp/rtp-packet.ts'
import { findVectorFiles, readVectorPackets } from './vector-files.ts'

const FRAME_MS = 60
const FRAME_SAMPLES = 960
const NO_DATA = 0x00
const noOpus = () => Promise.reject(new Error('no Opus in this call'))

describe.each(findVectorFiles(/mlow\/c_realcapture\.mlow$/))('%s', (path) => {
  const packets = readVectorPackets(path)

  /** What is heard of the call, in blocks as long as those of the SIP side. */
  async function listen(isLost: (packet: number) => boolean) {
    const clock = new VirtualClock()
    const playout = fromWhatsapp(clock, new MlowOrOpusDecoder(new MlowDecoder(), noOpus))
    const header = { ...newRtpHeader(), payloadType: WARP_AUDIO_PAYLOAD_TYPE }
    const block = new Float32Array(FRAME_SAMPLES / 3)
    const loudness: number[] = []
    for (const [packet, payload] of packets.entries()) {
      const fields = { sequence: packet, timestamp: packet * FRAME_SAMPLES, payloadEnd: payload.length }
      if (!isLost(packet)) playout.push(Object.assign(header, fields), payload)
      for (let pull = 0; pull < 3; pull++) {
        playout.pull(block)
        loudness.push(Math.sqrt(block.reduce((sum, x) => sum + x * x, 0) / block.length))
        await clock.advance(FRAME_MS / 3)
      }
    }
    return { stats: playout.stats(), loudness }
  }

  it('plays its pauses as pauses: nothing is lost, made up, or late', async () => {
    const { stats, loudness } = await listen(() => false)
    expect(packets.filter(([first]) => first === NO_DATA)).toHaveLength(57)
    expect(stats).toMatchObject({
      received: packets.length,
      lost: 0,
      late: 0,
      discarded: 0,
      refused: 0,
      concealedMs: 0,
    })
    expect(stats.cushionMs! + stats.heldMs).toBeLessThanOrEqual(FRAME_MS + stats.targetMs)
    // The noise of the room goes on through packets without data.
    const pauses = loudness.slice(30).filter((_, i) => packets[Math.floor(i / 3) + 10]![0] === NO_DATA)
    expect(pauses.filter((level) => level === 0)).toEqual([])
  })

  it('counts a loss within a pause as any other', async () => {
    const lost = packets.findIndex(([first], i) => i > 20 && first === NO_DATA)
    const { stats } = await listen((packet) => packet === lost)
    expect(stats).toMatchObject({ lost: 1, concealedMs: FRAME_MS })
  })
})
