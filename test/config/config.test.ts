import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ConfigError } from '../../src/base/errors.ts'
import { defaultConfig, loadConfig, parseConfig } from '../../src/config/load.ts'

const EXAMPLE = 'config/example.yaml'

function faultOf(text: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    parseConfig(text, 'tandem.yaml', env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  return expect.unreachable('a fault was expected')
}

const keysOf = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) => [`${path}${key}`, ...keysOf(inner, `${path}${key}.`)])
    : []

describe('config/example.yaml', () => {
  it('equals the defaults', () => {
    expect(loadConfig(EXAMPLE, {})).toEqual(defaultConfig())
  })

  it('names every key', () => {
    expect(keysOf(parse(readFileSync(EXAMPLE, 'utf8'))).sort()).toEqual(keysOf(defaultConfig()).sort())
  })

  it('says something about every key', () => {
    const lines = readFileSync(EXAMPLE, 'utf8').split('\n')
    const silent = lines.filter((line, index) => {
      if (!/^ {2}[a-zA-Z]+:/.test(line)) return false
      const before = lines.slice(0, index).reverse()
      const end = before.findIndex((l) => l === '' || /^[a-z]/i.test(l))
      return !before.slice(0, end + 1).some((l) => l.trim().startsWith('#'))
    })
    expect(silent).toEqual([])
  })
})

describe('every key is read by something', () => {
  const sources = ['src/gateway', 'src/cli']
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => `${folder}/${String(file)}`))
    .concat('src/gateway.ts')
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')

  it.each(keysOf(defaultConfig()).filter((key) => key.includes('.')))('%s', (key) => {
    expect(sources).toContain(`.${key.split('.').at(-1)}`)
  })
})

describe('faults', () => {
  it.each([
    ['sip: { lissten: [] }', 'tandem.yaml: sip.lissten: unknown key; remove it or see config/example.yaml'],
    ['log: { level: loud }', 'tandem.yaml: log.level: "loud": must be one of: debug, info, warn, error'],
    ['sip: { maxCalls: many }', 'tandem.yaml: sip.maxCalls: "many": must be of type number'],
    ['sip: { maxCalls: 0 }', 'tandem.yaml: sip.maxCalls: 0: must be at least 1'],
    ['media: { address: myhost }', 'tandem.yaml: media.address: "myhost": must be an IPv4 or IPv6 address, not a name'],
    ['sip: { localNetworks: [10.0.0.0/33] }', 'tandem.yaml: sip.localNetworks[0]: "10.0.0.0/33": must be a network such as 192.168.1.0/24'],
    ['sip: { users: [{ username: a }] }', 'tandem.yaml: sip.users[0].password: missing: must be of type string'],
    ['sip: { users: [{ username: a, password: 7 }] }', 'tandem.yaml: sip.users[0].password: (a secret): must be of type string'],
    ['media: { ports: { first: 10001, last: 10100 } }', 'tandem.yaml: media.ports: {"first":10001,"last":10100}: first must be even and below last'],
    ['routing: { inbound: [{ user: "100" }] }', 'tandem.yaml: routing.inbound[0].user: "100": must be one of: (none is configured)'],
    ['whatsapp: { accounts: [] }', 'tandem.yaml: whatsapp.accounts: []: must be at least 1 entries'],
    ['- a list', 'tandem.yaml: (top): ["a list"]: must be of type object'],
  ])('%s', (text, message) => {
    expect(faultOf(text)).toBe(message)
  })

  it('gives one line for each fault', () => {
    expect(faultOf('sip: { maxCalls: 0 }\nlog: { level: loud }').split('\n')).toHaveLength(2)
  })

  it('says where YAML breaks', () => {
    expect(faultOf('sip: [')).toMatch(/^tandem\.yaml: not YAML: .*line 1/)
  })

  it('names a file that cannot be read', () => {
    expect(() => loadConfig('/nonexistent/tandem.yaml')).toThrow('/nonexistent/tandem.yaml: cannot be read (ENOENT)')
  })
})

describe('secrets', () => {
  const user = (password: string) => `sip: { users: [{ username: '100', password: '${password}' }] }`

  it('come from the environment, a file, or the text', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tandem-')), 'secret')
    writeFileSync(file, 's3cret\n')
    const password = (text: string) => parseConfig(user(text), 'x', { PW: 'from-env' }).sip.users[0]?.password
    expect(password('env:PW')).toBe('from-env')
    expect(password(`file:${file}`)).toBe('s3cret')
    expect(password('plain')).toBe('plain')
  })

  it('that are missing are named by key and source', () => {
    expect(faultOf(user('env:NOPE'))).toBe('tandem.yaml: sip.users[0].password: environment variable NOPE is not set')
    expect(faultOf(user('file:/nope'))).toBe('tandem.yaml: sip.users[0].password: file /nope cannot be read (ENOENT)')
  })
})
