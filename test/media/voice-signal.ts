/**
 * A gliding pitch with moving resonances in syllables, all below 3.4 kHz: what speech codecs are made for, and the same
 * every time.
 */
export function voice(rateHz: number, seconds: number): Float32Array {
  let phase = 0
  return Float32Array.from({ length: seconds * rateHz }, (_, n) => {
    const t = n / rateHz
    phase += (2 * Math.PI * (130 + 50 * Math.sin(2 * Math.PI * 0.7 * t))) / rateHz
    let sample = 0
    for (let k = 1; k <= 18; k++)
      sample += (Math.sin(k * phase) / k) * (1 + Math.sin(2 * Math.PI * (0.9 + 0.13 * k) * t))
    return 0.1 * sample * Math.max(0, Math.sin(2 * Math.PI * 2 * t)) ** 0.5
  })
}
