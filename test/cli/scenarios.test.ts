import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { chaosScenario } from '../../src/cli/scenario/chaos.ts'
import { coverage } from '../../src/cli/scenario/coverage.ts'
import { loadScenario, scenarioFrom } from '../../src/cli/scenario/load.ts'
import { runScenario } from '../../src/cli/scenario/run-scenario.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tandem-scenarios-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function fileWith(text: string): string {
  const path = join(directory, 'story.yaml')
  writeFileSync(path, text)
  return path
}

const DIALS = 'script: [{ who: phone, does: dials, to: anna }]\n'

describe('a scenario file', () => {
  it.each([
    [
      'an unknown key',
      `title: x\npeople: { anna: { devises: [rings] } }\n${DIALS}`,
      'people.anna.devises: unknown key',
    ],
    [
      'somebody who is not there',
      `title: x\nscript: [{ who: ben, does: dials }]\n`,
      'script.0.who: nobody is called ben',
    ],
    [
      'what a relay cannot do',
      `title: x\nscript: [{ who: relay, does: dials }]\n`,
      'relay can do: dies, revives, elects',
    ],
    ['no YAML', 'title: [', 'not YAML'],
    ['a row out of form', `title: x\ncovers: [busy]\n${DIALS}`, 'covers.0: a row of rows.yaml'],
    [
      'nobody to expect something of',
      `title: x\n${DIALS}expect: { people: { cleo: [ended] } }\n`,
      'is nobody in people',
    ],
  ])('with %s is refused, and says what is wrong', (_, text, message) => {
    expect(() => loadScenario(fileWith(text))).toThrow(message)
  })

  it('gives defaults for what it does not say', () => {
    const { name, scenario } = loadScenario(fileWith(`title: x\npeople: { anna: {} }\n${DIALS}`))
    expect(name).toBe('story')
    expect(scenario.people.anna?.devices).toEqual([{ at: 500, does: 'answers' }])
    expect(scenario.relays.count).toBe(3)
  })
})

describe('a run', () => {
  const busy = {
    title: 'busy',
    people: { anna: { devices: [{ at: 100, does: 'busy' }] } },
    script: [{ who: 'phone', does: 'dials', to: 'anna' }],
  } as const

  it('meets what is expected', async () => {
    const expected = {
      calls: [{ cause: 'busy', rang: true }],
      phone: [{ status: 486, q850: 17 }],
      people: { anna: ['busy'] },
    }
    const result = await runScenario(
      scenarioFrom('busy', {
        ...busy,
        people: { anna: { devices: [{ at: 100, does: 'busy' }] } },
        script: [...busy.script],
        expect: expected,
      }),
      silentLogger,
      1,
    )
    expect(result).toMatchObject({ ok: true, faults: [], causes: ['busy'], setupMs: 100 })
  })

  it('names everything that differs', async () => {
    const expected = {
      calls: [{ cause: 'declined' }],
      phone: [{ status: 603 }],
      people: { anna: ['ended'] },
      violations: ['x'],
    }
    const result = await runScenario(
      scenarioFrom('busy', {
        ...busy,
        people: { anna: { devices: [{ at: 100, does: 'busy' }] } },
        script: [...busy.script],
        expect: expected,
      }),
      silentLogger,
      1,
    )
    expect(result.faults).toEqual([
      'call 1: cause: busy, expected declined',
      "the desk phone's call 1: status: 486, expected 603",
      "anna's device 0: busy, expected ended",
      'no violation x',
    ])
  })
})

describe('chaos', () => {
  it('is the same for the same seed and number, and only then', () => {
    expect(chaosScenario(3, 4)).toEqual(chaosScenario(3, 4))
    expect(chaosScenario(3, 5).scenario).not.toEqual(chaosScenario(3, 4).scenario)
  })
})

describe('coverage', () => {
  const result = (covers: string[]) => ({ scenario: 's', covers }) as unknown as Parameters<typeof coverage>[1][number]

  it('says what shows each row, and takes only tests that are there', () => {
    const rows = fileWith(
      [
        '1/one: first',
        '1/two: second',
        '1/three: { means: third, shownBy: test/cli/scenarios.test.ts }',
        '1/four: { means: fourth, shownBy: test/gone.ts }',
        '1/five: { means: fifth, documentedIn: docs/scenarios.md }',
        '1/six: { means: sixth, documentedIn: docs/gone.md }',
      ].join('\n'),
    )
    const shown = coverage(rows, [result(['1/one'])]).map(({ shownBy }) => shownBy)
    expect(shown).toEqual([['s'], [], ['test/cli/scenarios.test.ts'], [], ['not built, see docs/scenarios.md'], []])
  })

  it('takes nothing but a test for a proof', () => {
    const rows = fileWith('1/one: { means: first, shownBy: docs/scenarios.md }\n')
    expect(() => coverage(rows, [])).toThrow('is no test')
  })

  it('refuses a row that is not in the list', () => {
    expect(() => coverage(fileWith('1/one: first\n'), [result(['1/two'])])).toThrow('covers 1/two')
  })
})
