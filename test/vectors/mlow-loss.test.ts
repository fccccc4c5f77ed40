import { describe, test } from 'vitest'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { stoi } from '../../src/media/measure/stoi.ts'
import { melDistanceDb } from './mel-distance.ts'
import { ConformanceReport } from './report.ts'
import { findVectorFiles, readVectorPackets } from './vector-files.ts'

const report = new ConformanceReport('MLow concealment, against the stream without loss')
const RATE_HZ = 16000
const PACKET = 960
/** Packets at the start that always arrive. */
const SPARED = 3

const streams = findVectorFiles(/mlow\/(sp_|c_synthmic)[^.]*\.mlow$/).map(readVectorPackets)

/** Which packets are lost: losses begin with `probability` per packet and last `length` packets. */
function losses(packets: number, probability: number, length: number, seed: number): boolean[] {
  let state = seed
  const lost = new Array<boolean>(packets).fill(false)
  for (let i = SPARED; i < packets; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    if (state / 2 ** 32 < probability) lost.fill(true, i, i + length)
  }
  return lost
}

type Repair = (decoder: MlowDecoder, out: Float32Array, next: Uint8Array | undefined) => void

function decodeWith(packets: Uint8Array[], lost: boolean[], repair: Repair) {
  const decoder = new MlowDecoder()
  const buffer = new Float32Array(decoder.maxSamples)
  const pcm = new Float32Array(packets.length * PACKET)
  packets.forEach((packet, i) => {
    if (lost[i]) repair(decoder, buffer, lost[i + 1] ? undefined : packets[i + 1])
    else decoder.decode(packet, buffer)
    pcm.set(buffer.subarray(0, PACKET), i * PACKET)
  })
  return pcm
}

describe('concealment is better than silence', () => {
  test.each([
    ['5 % loss', 0.05, 1],
    ['10 % loss', 0.1, 1],
    ['20 % loss', 0.2, 1],
    ['bursts of 3', 0.04, 3],
  ])('%s', (name, probability, length) => {
    const sums = { stoi: [0, 0, 0], mel: [0, 0, 0] }
    streams.forEach((packets, i) => {
      const lost = losses(packets.length, probability, length, 7919 * (i + 1))
      const clean = decodeWith(packets, [], () => {})
      const repairs: Repair[] = [
        (_, out) => out.fill(0, 0, PACKET),
        (decoder, out) => decoder.conceal(PACKET, out),
        (decoder, out, next) => (next ? decoder.concealBefore(next, PACKET, out) : decoder.conceal(PACKET, out)),
      ]
      repairs.forEach((repair, k) => {
        const heard = decodeWith(packets, lost, repair)
        sums.stoi[k] += stoi(clean, heard, RATE_HZ) / streams.length
        sums.mel[k] += melDistanceDb(clean, heard) / streams.length
      })
    })
    report.atLeast(name, 'STOI, limit = with silence', sums.stoi[1], sums.stoi[0])
    report.atMost(name, 'mel distance in dB, limit = with silence', sums.mel[1], sums.mel[0])
    report.atLeast(name, 'STOI, next packet known, limit = not known', sums.stoi[2], sums.stoi[1])
    report.atMost(name, 'mel distance in dB, next packet known, limit = not known', sums.mel[2], sums.mel[1])
  })
})

/** Largest step from one sample to the next where a packet begins. */
function largestBorderStep(pcm: Float32Array, isBorder: (packet: number) => boolean): number {
  let worst = 0
  for (let i = 1; i * PACKET < pcm.length; i++) {
    if (isBorder(i)) worst = Math.max(worst, Math.abs(pcm[i * PACKET] - pcm[i * PACKET - 1]))
  }
  return worst
}

test('neither a loss nor the recovery from it clicks', () => {
  streams.forEach((packets, i) => {
    const lost = packets.map((_, n) => n > SPARED && n % 4 === 1)
    const isBorder = (n: number) => lost[n] || lost[n - 1]
    const clean = decodeWith(packets, [], () => {})
    const heard = decodeWith(packets, lost, (decoder, out) => decoder.conceal(PACKET, out))
    const loudestStep = clean.reduce((most, x, n) => Math.max(most, n > 0 ? Math.abs(x - clean[n - 1]) : 0), 0)
    report.atMost(
      `stream ${i}`,
      'step at borders of losses, limit = in the stream',
      largestBorderStep(heard, isBorder),
      loudestStep,
    )
  })
})
