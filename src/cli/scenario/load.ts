import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { ConfigError } from '../../base/errors.ts'
import { type Scenario, type ScenarioInput, schema } from './schema.ts'

export interface NamedScenario {
  /** The file's name without its ending, or what a generator calls it. */
  readonly name: string
  readonly scenario: Scenario
  /** What chance put into it, by name. */
  readonly drawn?: readonly string[]
}

/** Reads and checks a scenario file. Throws `ConfigError` with one line per fault. */
export function loadScenario(path: string): NamedScenario {
  return { name: basename(path, '.yaml'), scenario: checked(yamlOf(path), path) }
}

/** The scenario that `input` describes, in the shape of a file. */
export function scenarioFrom(name: string, input: ScenarioInput): NamedScenario {
  return { name, scenario: checked(input, name) }
}

/** What a YAML file holds. */
export function yamlOf(path: string): unknown {
  const document = parseDocument(textOf(path), { prettyErrors: true })
  const broken = document.errors[0]
  if (broken) throw new ConfigError('usage.scenario', `${path}: not YAML: ${broken.message.split('\n')[0]}`)
  return document.toJS()
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigError('usage.scenario', `${path}: cannot be read (${code})`, {}, { cause })
  }
}

function checked(raw: unknown, name: string): Scenario {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  const lines = result.error.issues.flatMap(describe)
  throw new ConfigError('usage.scenario', lines.map((line) => `${name}: ${line}`).join('\n'))
}

function describe(issue: z.core.$ZodIssue): string[] {
  const at = (path: readonly PropertyKey[]) => path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at([...issue.path, key])}: unknown key`)
  return [`${at(issue.path)}: ${issue.message}`]
}
