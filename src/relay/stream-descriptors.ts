/** The protobuf messages inside the relays' own STUN attributes (docs/protocol/stun.md). */
import { ByteWriter } from '../base/bytes.ts'

/** One stream that a participant sends or wants. In ICE mode `stream` is the participant's pid and `layer` is 1. */
export interface StreamDescriptor {
  readonly stream: number
  readonly layer: number
  readonly ssrc: number
}

const VARINT = 0
const LENGTH_DELIMITED = 2

/** Attribute 0x4024: the streams of a registration. Zero fields are left out, as proto3 does. */
export function encodeStreamDescriptors(streams: readonly StreamDescriptor[]): Uint8Array {
  const list = new ByteWriter()
  for (const { stream, layer, ssrc } of streams) {
    const entry = new ByteWriter()
    if (stream !== 0) varintField(entry, 1, stream)
    if (layer !== 0) varintField(entry, 2, layer)
    varintField(entry, 3, ssrc)
    messageField(list, 1, entry)
  }
  return list.finish()
}

/** Attribute 0x4000 of a binding request: the stream of the peer that we want to get. */
export function encodeSenderSubscription(peerSsrc: number): Uint8Array {
  const entry = new ByteWriter()
  varintField(entry, 3, peerSsrc)
  varintField(entry, 5, 0)
  varintField(entry, 6, 0)
  return nested(entry)
}

/** Attribute 0x4025 as the Android client sends it: its own speech stream, and its pid when it has one. */
export function encodeNativeSubscription(ssrc: number, pid: number | undefined): Uint8Array {
  const stream = new ByteWriter()
  varintField(stream, 1, zigzag(ssrc))
  if (pid !== undefined) {
    const source = new ByteWriter()
    varintField(source, 1, zigzag(pid))
    textField(source, 2, 'audio')
    messageField(stream, 2, source)
  }
  const entry = new ByteWriter()
  messageField(entry, 1, stream)
  return nested(entry)
}

/** Attribute 0x4024 as the Android client sends it. */
export function encodeNativeStream(ssrc: number): Uint8Array {
  const entry = new ByteWriter()
  textField(entry, 1, 'audio')
  textField(entry, 2, 'OPUS')
  varintField(entry, 3, zigzag(ssrc))
  varintField(entry, 4, 0)
  return nested(entry)
}

/** Signed 32-bit values grow by magnitude; the doubled value needs 33 bits, hence no shift. */
const zigzag = (value: number): number => value * 2

function nested(entry: ByteWriter): Uint8Array {
  const outer = new ByteWriter()
  messageField(outer, 1, entry)
  return outer.finish()
}

function varintField(out: ByteWriter, field: number, value: number): void {
  varint(out, (field << 3) | VARINT)
  varint(out, value)
}

function messageField(out: ByteWriter, field: number, content: ByteWriter): void {
  varint(out, (field << 3) | LENGTH_DELIMITED)
  varint(out, content.length)
  out.raw(content.finish())
}

function textField(out: ByteWriter, field: number, text: string): void {
  messageField(out, field, new ByteWriter().raw(new TextEncoder().encode(text)))
}

/** Little-endian groups of seven bits. Values up to 2^53: divided, since shifts have 32 bits. */
function varint(out: ByteWriter, value: number): void {
  let rest = value
  while (rest > 127) {
    out.u8((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  out.u8(rest)
}
