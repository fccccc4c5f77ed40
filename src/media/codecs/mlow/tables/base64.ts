/** Bytes of a base64 text; line breaks are ignored. */
export function bytesFromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

/** Little-endian 16-bit words of a base64 text; line breaks are ignored. */
export function wordsFromBase64(text: string): Uint16Array {
  const bytes = bytesFromBase64(text)
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => bytes[2 * i] | (bytes[2 * i + 1] << 8))
}
