import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ConfigError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { configFrom, defaultConfig, loadConfig, parseConfig } from '../../src/config/load.ts'
import { Gateway } from '../../src/gateway.ts'
import { createLogger } from '../../src/ops/log.ts'

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

/** A copy of the value that notes the dotted path of every leaf that is read; entries of lists count as one. */
function recording<T>(value: T, read: Set<string>, path = ''): T {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const inner: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol' || typeof inner === 'function') return inner
      const at = Array.isArray(target) ? path : `${path}${path && '.'}${key}`
      if (typeof inner !== 'object' || inner === null || isListOfPlain(inner)) read.add(at)
      return recording(inner, read, at)
    },
  })
}

/** Handed over as it is. */
const isListOfPlain = (value: unknown) => Array.isArray(value) && value.every((entry) => typeof entry !== 'object')

/** Leaves of a config; a list stands for its first entry, so each must have one. */
const leavesOf = (value: unknown, path = ''): string[] => {
  if (Array.isArray(value)) return leavesOf(value[0], path)
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, `${path}${path && '.'}${key}`))
}

describe('every key is read', () => {
  const full = (dataDirectory: string) =>
    configFrom({
      dataDirectory,
      sip: {
        listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
        users: [{ username: '100', password: 'x' }],
        registrations: [{ name: 'office', registrar: '127.0.0.1', username: 'u', password: 'p' }],
        trunks: [{ name: 'pbx', networks: ['127.0.0.1/32'], host: '127.0.0.1' }],
      },
      media: { address: '127.0.0.1' },
      dialing: { deny: ['490'], allow: ['49'] },
      routing: {
        inbound: [{ user: '100' }, { trunk: 'pbx', extension: '1' }],
      },
      http: { enabled: true, port: 0 },
      cdr: { file: join(dataDirectory, 'cdr.jsonl') },
    })

  it('by the gateway, the log, or the commands', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-'))
    const read = new Set<string>()
    const plain = full(dataDirectory)
    const config = recording(plain, read)
    createLogger({ ...config.log })
    const gateway = new Gateway(config, { log: silentLogger, product: 'test' })
    await gateway.stop()
    rmSync(dataDirectory, { recursive: true })
    // Read when their time comes: the ops server's settings by `start`, a user's by REGISTER (test/sip/registration.test.ts),
    // DTX by the encoder of a call.
    const later = [
      'http.enabled',
      'http.address',
      'http.port',
      'sip.users.password',
      'sip.users.maxContacts',
      'whatsapp.voice.dtx',
    ]
    expect(leavesOf(plain).filter((leaf) => !read.has(leaf) && !later.includes(leaf))).toEqual([])
  })
})

describe('faults', () => {
  it.each([
    ['sip: { lissten: [] }', 'tandem.yaml: sip.lissten: unknown key; remove it or see config/example.yaml'],
    ['log: { level: loud }', 'tandem.yaml: log.level: "loud": must be one of: debug, info, warn, error'],
    ['sip: { maxCalls: many }', 'tandem.yaml: sip.maxCalls: "many": must be of type number'],
    ['sip: { maxCalls: 0 }', 'tandem.yaml: sip.maxCalls: 0: must be at least 1'],
    ['media: { address: myhost }', 'tandem.yaml: media.address: "myhost": must be an IPv4 or IPv6 address, not a name'],
    [
      'sip: { localNetworks: [10.0.0.0/33] }',
      'tandem.yaml: sip.localNetworks[0]: "10.0.0.0/33": must be a network such as 192.168.1.0/24',
    ],
    ['sip: { users: [{ username: a }] }', 'tandem.yaml: sip.users[0].password: missing: must be of type string'],
    [
      'sip: { users: [{ username: a, password: 7 }] }',
      'tandem.yaml: sip.users[0].password: (a secret): must be of type string',
    ],
    [
      'media: { ports: { first: 10001, last: 10100 } }',
      'tandem.yaml: media.ports: {"first":10001,"last":10100}: first must be even and below last',
    ],
    [
      'routing: { inbound: [{ user: "100" }] }',
      'tandem.yaml: routing.inbound[0].user: "100": must be one of: (none is configured)',
    ],
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
