import type { OutgoingMessage } from './message.ts'

/** RFC 3261 §7; Content-Length is always written (§20.14), so that the same bytes do for streams. */
export function serialize(message: OutgoingMessage): Uint8Array {
  const body = message.body ?? ''
  const length = body === '' ? 0 : Buffer.byteLength(body)
  const head = `${message.startLine}\r\n${message.headers.format()}Content-Length: ${length}\r\n\r\n`
  return Buffer.from(head + body)
}
