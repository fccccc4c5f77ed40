import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aLaw, muLaw, toLinear16 } from '../../../src/media/codecs/g711/companding.ts'
import { G711Decoder } from '../../../src/media/codecs/g711/g711.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const linear = (level: number) => Math.round(level * 32768)

/** Upper bounds of the 128 intervals on one side, in units of 16-bit PCM: tables 1a and 2a of G.711, column "decision value". */
function decisionValues(unit: number, firstStep: number, firstRun: readonly number[]): number[] {
  const bounds = firstRun.map((bound) => bound * unit)
  for (let step = firstStep; bounds.length < 128; step *= 2) {
    for (let i = 0; i < 16; i++) bounds.push(bounds.at(-1)! + step * unit)
  }
  return bounds
}

/** SHA-256 of what SoX 14.4.2 makes of codes 0..255: 16-bit little-endian PCM. */
const LAWS = {
  pcmu: {
    law: muLaw,
    codeOf: (interval: number) => 0xff ^ interval,
    bounds: decisionValues(4, 4, [1, ...Array.from({ length: 15 }, (_, i) => 3 + 2 * i)]),
    decoded: '3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827',
  },
  pcma: {
    law: aLaw,
    codeOf: (interval: number) => 0xd5 ^ interval,
    bounds: decisionValues(
      8,
      4,
      Array.from({ length: 32 }, (_, i) => 2 + 2 * i),
    ),
    decoded: 'e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174',
  },
}

describe.each(Object.entries(LAWS))('%s', (name, { law, codeOf, bounds, decoded }) => {
  it('decodes every code as SoX does', () => {
    const pcm = Int16Array.from(law.levels, linear)
    expect(sha256(new Uint8Array(pcm.buffer))).toBe(decoded)
  })

  it('encodes every 16-bit value by the decision values of the recommendation', () => {
    let interval = 0
    for (let value = 0; value <= 32767; value++) {
      while (interval < 127 && value >= bounds[interval]) interval++
      const code = codeOf(interval)
      if (law.compress(value) !== code) expect.fail(`${value} became ${law.compress(value)}, not ${code}`)
      if (law.compress(~value) !== (code ^ 0x80)) expect.fail(`${~value} became ${law.compress(~value)}`)
    }
    expect(interval).toBe(127)
  })

  it('gives back every code but the second zero', () => {
    const changed = Array.from({ length: 256 }, (_, code) => code).filter(
      (c) => law.compress(linear(law.levels[c])) !== c,
    )
    expect(changed).toEqual(name === 'pcmu' ? [0x7f] : [])
    expect(Math.abs(law.levels[law.silence])).toBeLessThanOrEqual(8 / 32768)
  })

  it('refuses more than 120 ms', () => {
    expect(new G711Decoder(name as 'pcmu' | 'pcma').decode(new Uint8Array(961), new Float32Array(961))).toBe(0)
  })
})

describe('toLinear16', () => {
  it('rounds and cuts', () => {
    expect([0, 1, -1, 2, -2, 0.4 / 32768, Number.NaN].map(toLinear16)).toEqual([0, 32767, -32768, 32767, -32768, 0, 0])
  })
})
