import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { ConfigError } from '../base/errors.ts'
import { type Config, schema } from './schema.ts'

const SECRET_KEYS = new Set(['password'])

/** The config with which Tandem runs when the file says nothing. */
export function defaultConfig(): Config {
  return schema.parse({})
}

/**
 * Reads and checks a config file.
 *
 * @throws ConfigError with one line per fault: the key, the value and what is allowed.
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): Config {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError('config.unreadable', `${path}: cannot be read (${errorCode(cause)})`, {}, { cause })
  }
  return parseConfig(text, path, env)
}

/** As `loadConfig`, from text; `name` stands in front of each message. */
export function parseConfig(text: string, name: string, env: NodeJS.ProcessEnv = process.env): Config {
  const document = parseDocument(text, { prettyErrors: true })
  const broken = document.errors[0]
  if (broken) throw new ConfigError('config.yaml', `${name}: not YAML: ${broken.message.split('\n')[0]}`)
  return resolveSecrets(checked(document.toJS() ?? {}, name), name, env)
}

/** The config that `input` describes, in the shape of the file. Throws as `loadConfig`. */
export function configFrom(input: z.input<typeof schema>): Config {
  return checked(input, 'config')
}

function checked(raw: unknown, name: string): Config {
  const result = schema.safeParse(raw)
  if (!result.success) {
    const lines = result.error.issues.flatMap((issue) => describe(issue, raw))
    throw new ConfigError('config.invalid', lines.map((line) => `${name}: ${line}`).join('\n'))
  }
  return result.data
}

function describe(issue: z.core.$ZodIssue, raw: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${dotted([...issue.path, key])}: unknown key; remove it or see config/example.yaml`)
  }
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], raw)
  return [`${dotted(issue.path)}: ${shown(issue.path, value)}: ${allowed(issue)}`]
}

function allowed(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`
    case 'invalid_type':
      return `must be of type ${issue.expected}`
    case 'too_small':
      return `must be at least ${issue.minimum}${lengthUnit(issue.origin)}`
    case 'too_big':
      return `must be at most ${issue.maximum}${lengthUnit(issue.origin)}`
    default:
      return issue.message
  }
}

const lengthUnit = (origin: string) => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '')

function shown(path: readonly PropertyKey[], value: unknown): string {
  if (value === undefined) return 'missing'
  if (SECRET_KEYS.has(String(path.at(-1)))) return '(a secret)'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

const dotted = (path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  ) || '(top)'

function resolveSecrets(config: Config, name: string, env: NodeJS.ProcessEnv): Config {
  const withPassword = <T extends { password: string }>(key: string, entries: T[]): T[] =>
    entries.map((entry, index) => ({
      ...entry,
      password: resolveSecret(entry.password, `${name}: sip.${key}[${index}].password`, env),
    }))
  return {
    ...config,
    sip: {
      ...config.sip,
      users: withPassword('users', config.sip.users),
      registrations: withPassword('registrations', config.sip.registrations),
    },
  }
}

function resolveSecret(text: string, where: string, env: NodeJS.ProcessEnv): string {
  if (text.startsWith('env:')) {
    const value = env[text.slice(4)]
    if (!value) throw new ConfigError('config.secret', `${where}: environment variable ${text.slice(4)} is not set`)
    return value
  }
  if (text.startsWith('file:')) {
    try {
      return readFileSync(text.slice(5), 'utf8').trimEnd()
    } catch (cause) {
      const reason = errorCode(cause)
      throw new ConfigError(
        'config.secret',
        `${where}: file ${text.slice(5)} cannot be read (${reason})`,
        {},
        { cause },
      )
    }
  }
  return text
}

const errorCode = (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown error'
