import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ConfigError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { scenariosCommand } from '../../src/cli/commands/scenarios.ts'
import { coverage, rowList } from '../../src/cli/scenario/coverage.ts'
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
    [
      'a name of the kind',
      `title: x\nscript: [{ who: person, does: hangs-up }]\n`,
      'script.0.who: nobody is called person',
    ],
    ...['phone', 'server', 'relay', 'network', 'gateway', 'owner'].map((name) => [
      `somebody called ${name}`,
      `title: x\npeople: { ${name}: {} }\n${DIALS}`,
      `people.${name}: is a name that is taken`,
    ]),
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

describe('a run that breaks', () => {
  it('leaves nothing in the directory for temporary files', async () => {
    const temporary = mkdtempSync(join(directory, 'temporary-'))
    vi.stubEnv('TMPDIR', temporary)
    const broken = scenarioFrom('broken', {
      title: 'broken',
      gateway: { sip: { maxCalls: 0 } },
      script: [{ who: 'phone', does: 'hangs-up' }],
    })
    await expect(runScenario(broken, silentLogger, 1)).rejects.toThrow('sip.maxCalls')
    vi.unstubAllEnvs()
    expect(readdirSync(temporary)).toEqual([])
  })
})

describe('the command', () => {
  it.each([
    ['--only without --chaos', ['--only', '3'], '--only goes with --chaos'],
    ['--only beyond --chaos', ['--only', '999', '--chaos', '5'], '--only 999: there are 5'],
    ['--verbose for several', ['--chaos', '2', '--verbose'], '--verbose shows the log of one scenario, and not of 2'],
    ['names with --chaos', ['glare-won', '--chaos', '2'], '--chaos takes no names'],
  ])('%s is refused, and says what is wrong', async (_, args, message) => {
    const refused = scenariosCommand().parseAsync(args, { from: 'user' })
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(message)
  })

  it('runs a directory without a list of rows', async () => {
    const own = mkdtempSync(join(directory, 'own-'))
    const story = `title: nobody answers\nscript: [{ who: phone, does: dials, to: '110' }]\n`
    writeFileSync(join(own, 'story.yaml'), story)
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never)
    const print = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    await scenariosCommand().parseAsync(['--directory', own], { from: 'user' })
    const printed = print.mock.calls.join('\n')
    const code = exit.mock.lastCall?.[0]
    vi.restoreAllMocks()
    expect(printed).toContain('all ok: 1 scenarios, 0 failed; 0 rows, 0 not shown')
    expect(code).toBe(0)
  })
})

describe('coverage', () => {
  const result = (covers: string[]) => ({ scenario: 's', covers }) as unknown as Parameters<typeof coverage>[1][number]
  const story = (covers: string[]) =>
    scenarioFrom('s', { title: 's', covers, script: [{ who: 'gateway', does: 'stops' }] })

  const OWN_TITLE = 'says what shows each row, and takes only tests that are there'

  it('says what shows each row, and takes only tests that are there', () => {
    const rows = fileWith(
      [
        '1/one: first',
        '1/two: second',
        `1/three: { means: third, shownBy: { file: test/cli/scenarios.test.ts, test: '${OWN_TITLE}' } }`,
        '1/four: { means: fourth, shownBy: { file: test/gone.ts, test: says what } }',
        '1/five: { means: fifth, documentedIn: docs/scenarios.md }',
        '1/six: { means: sixth, documentedIn: docs/gone.md }',
        `1/seven: { means: seventh, shownBy: { file: test/cli/scenarios.test.ts, test: ${['no such', 'title'].join(' ')} } }`,
      ].join('\n'),
    )
    const shown = coverage(rowList(rows, []), [result(['1/one'])]).map(({ shownBy }) => shownBy)
    expect(shown).toEqual([
      ['s'],
      [],
      [`test/cli/scenarios.test.ts: ${OWN_TITLE}`],
      [],
      ['not built, see docs/scenarios.md'],
      [],
      [],
    ])
  })

  it('takes nothing but a test for a proof', () => {
    const rows = fileWith('1/one: { means: first, shownBy: { file: docs/scenarios.md, test: what it says } }\n')
    expect(() => rowList(rows, [])).toThrow('is no test')
  })

  it('refuses a row that is not in the list', () => {
    expect(() => rowList(fileWith('1/one: first\n'), [story(['1/two'])])).toThrow('covers 1/two')
  })

  it('finds a test of the project that the list lies in', () => {
    const project = mkdtempSync(join(directory, 'project-'))
    mkdirSync(join(project, 'test', 'scenarios'), { recursive: true })
    writeFileSync(join(project, 'test', 'own.test.ts'), "it('shows it', () => {})\n")
    const rows = join(project, 'test', 'scenarios', 'rows.yaml')
    writeFileSync(rows, '1/one: { means: first, shownBy: { file: test/own.test.ts, test: shows it } }\n')
    expect(coverage(rowList(rows, []), [])).toMatchObject([{ shownBy: ['test/own.test.ts: shows it'] }])
  })
})
