import { describe, expect, it } from 'vitest'
import { PacketCounts } from '../../src/sim/media/heard-packets.ts'

const SHORT = 16
const LONG = 20
const MLOW = Uint8Array.of(0x50, 1, 2, 3)
const OPUS = Uint8Array.of(0x58, 1, 2, 3)
const NOISE = Uint8Array.of(0x90, 1, 2, 3)
const NOTHING = Uint8Array.of(0x00)

describe('PacketCounts', () => {
  it('tells MLow, Opus and pauses apart, and counts long headers', () => {
    const counts = new PacketCounts()
    counts.note(MLOW, SHORT, false)
    counts.note(OPUS, SHORT, false)
    counts.note(NOISE, LONG, false)
    counts.note(NOTHING, LONG, false)
    expect(counts.heard).toEqual({ mlow: 1, opus: 1, pause: 2, longHeader: 2, redundant: 0 })
  })

  it('looks behind the copies of a redundant packet', () => {
    const counts = new PacketCounts()
    counts.note(Uint8Array.of(0x81, MLOW.length, 0, ...MLOW, ...NOISE), SHORT, true)
    expect(counts.heard).toMatchObject({ mlow: 0, pause: 1, redundant: 1 })
    counts.note(Uint8Array.of(0x81), SHORT, true)
    expect(counts.heard).toMatchObject({ mlow: 0, pause: 1, redundant: 2 })
  })
})
