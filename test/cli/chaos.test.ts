import { describe, expect, it } from 'vitest'
import { chaosScenario } from '../../src/cli/scenario/chaos.ts'
import { causesNotMet, chaosTally } from '../../src/cli/scenario/chaos-tally.ts'

const run = (causes: readonly string[], callsUp = 0, drawn: readonly string[] = []) => ({ causes, callsUp, drawn })

describe('chaos', () => {
  it('is the same for the same seed and number, and only then', () => {
    expect(chaosScenario(3, 4)).toEqual(chaosScenario(3, 4))
    expect(chaosScenario(3, 5).scenario).not.toEqual(chaosScenario(3, 4).scenario)
  })

  it('draws everything of its menu in some of 200 runs', () => {
    const drawn = new Set(Array.from({ length: 200 }, (_, index) => chaosScenario(1, index).drawn ?? []).flat())
    for (const name of ['websocket cut for long', 'banned', 'unlinked', 'replaced', 'gateway stops', 'gateway drains'])
      expect(drawn).toContain(name)
    for (const name of ['two accounts', 'two owners', 'offers unanswered', 'offers restricted', 'offers refused'])
      expect(drawn).toContain(name)
    for (const name of ['keys garbled', 'accepts need a key', 'silence is cut off', 'holds', 'glare', 'number refused'])
      expect(drawn).toContain(name)
  })
})

describe('the tally', () => {
  it('counts causes, calls that were up and what was drawn', () => {
    const runs = [run(['normal', 'busy'], 1, ['glare']), run(['normal', 'normal'], 2, ['glare', 'banned'])]
    expect(chaosTally(runs)).toBe(
      ['causes: normal 3, busy 1', 'calls: 4, of which 3 were up (75 %)', 'drawn in runs: glare 2, banned 1'].join(
        '\n',
      ),
    )
  })

  it('misses causes that so many runs should have met, and asks nothing of fewer', () => {
    const runs = (count: number) => Array.from({ length: count }, () => run(['normal']))
    expect(causesNotMet(runs(99))).toEqual([])
    expect(causesNotMet(runs(100))).toContain('busy')
    expect(causesNotMet(runs(100))).not.toContain('normal')
    expect(causesNotMet(runs(100))).not.toContain('shutting-down')
    expect(causesNotMet(runs(200))).toContain('shutting-down')
    const all = causesNotMet(runs(200)).map((cause) => run([cause]))
    expect(causesNotMet([...runs(200), ...all])).toEqual([])
  })
})
