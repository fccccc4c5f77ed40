import { MlowDecoder } from '../../media/codecs/mlow/decoder.ts'
import { FrameSymbols } from '../../media/codecs/mlow/frame-symbols.ts'
import { FrameSyntax } from '../../media/codecs/mlow/frame-syntax.ts'
import { RangeDecoder } from '../../media/codecs/mlow/range-decoder.ts'
import { type FrameKind, frameKind, isLowRate } from '../../media/codecs/mlow/toc.ts'

const SAMPLE_RATE_HZ = 16000
const FRAMES = 3
const LOST_SAMPLES = 960

/** An internal frame of 20 ms. */
export interface FrameFacts {
  readonly voiced: boolean
  /** One per 2.5 ms, empty for unvoiced frames. */
  readonly pitchHz: readonly number[]
  readonly bits: number
}

export interface PacketFacts {
  readonly kind: FrameKind | 'lost'
  /** Where its sound begins in the decoded samples, and how many there are. */
  readonly start: number
  readonly samples: number
  readonly bytes: number
  /** Three for coded packets, none for others. */
  readonly frames: readonly FrameFacts[]
}

export interface Inspection {
  readonly packets: readonly PacketFacts[]
  /** Decoded samples, lost packets concealed. */
  readonly pcm: Float32Array
}

/** Decodes a stream of bare packets (an empty one is lost), and tells what is in them. */
export function inspect(packets: readonly Uint8Array[]): Inspection {
  const decoder = new MlowDecoder()
  const buffer = new Float32Array(decoder.maxSamples)
  const parts: Float32Array[] = []
  const facts: PacketFacts[] = []
  let start = 0
  for (const packet of packets) {
    const heard = decoder.decode(packet, buffer)
    const samples = heard > 0 ? heard : decoder.conceal(LOST_SAMPLES, buffer)
    parts.push(buffer.slice(0, samples))
    const kind = heard > 0 ? frameKind(packet[0]!) : 'lost'
    facts.push({ kind, start, samples, bytes: packet.length, frames: framesOf(packet, kind) })
    start += samples
  }
  const pcm = new Float32Array(start)
  parts.forEach((part, i) => {
    pcm.set(part, facts[i]!.start)
  })
  return { packets: facts, pcm }
}

function framesOf(packet: Uint8Array, kind: PacketFacts['kind']): FrameFacts[] {
  if (kind !== 'active' && kind !== 'hangover' && kind !== 'inactive') return []
  const symbols = new RangeDecoder()
  const syntax = new FrameSyntax()
  symbols.start(packet, 1, packet.length)
  syntax.begin(kind === 'inactive', isLowRate(packet[0]!))
  return Array.from({ length: FRAMES }, () => {
    const frame = new FrameSymbols()
    const before = symbols.tell
    syntax.code(symbols, frame)
    const voiced = frame.voiced === 1
    const pitchHz = voiced ? Array.from(frame.lagIndex, (index) => SAMPLE_RATE_HZ / (32 + index / 2)) : []
    return { voiced, pitchHz, bits: symbols.tell - before }
  })
}
