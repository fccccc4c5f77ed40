export function speech(): Float32Array {
  return new Float32Array(16000)
}
