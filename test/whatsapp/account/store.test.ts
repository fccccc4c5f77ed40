import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { proto } from 'baileys'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import { ConfigError } from '../../../src/base/errors.ts'
import { AccountStore } from '../../../src/whatsapp/account/store.ts'
import { LidCache } from '../../../src/whatsapp/numbers/lid-cache.ts'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tandem-store-'))
  path = join(directory, 'accounts', 'office.db')
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)
const codeOf = (open: () => unknown) => {
  try {
    open()
  } catch (error) {
    if (error instanceof ConfigError) return { code: error.code, message: error.message }
    throw error
  }
  return undefined
}

describe('account store', () => {
  it('gives back what was kept, bytes as bytes', async () => {
    const first = new AccountStore(path)
    const { noiseKey, advSecretKey } = first.creds
    first.creds.routingInfo = Buffer.from([8, 2, 8, 5])
    first.saveCreds()
    const keyPair = { public: Buffer.alloc(32, 1), private: Buffer.alloc(32, 2) }
    await first.keys.set({
      'pre-key': { '7': keyPair },
      'lid-mapping': { '4915': '99' },
      'device-list': { '99': ['0', '4'] },
    })
    await first.keys.set({ 'app-state-sync-key': { k: { keyData: Buffer.from([1, 2, 3]) } } })
    await first.keys.set({ 'lid-mapping': { '4915': null, '4916': '98' } })
    first.close()

    const second = new AccountStore(path)
    expect(second.creds.noiseKey).toEqual(noiseKey)
    expect(second.creds.advSecretKey).toBe(advSecretKey)
    expect(second.creds.routingInfo).toEqual(Buffer.from([8, 2, 8, 5]))
    expect(await second.keys.get('pre-key', ['7', '8'])).toEqual({ '7': keyPair })
    expect(await second.keys.get('device-list', ['99'])).toEqual({ '99': ['0', '4'] })
    expect(await second.keys.get('lid-mapping', ['4915', '4916'])).toEqual({ '4916': '98' })
    const { k } = await second.keys.get('app-state-sync-key', ['k'])
    expect(k).toBeInstanceOf(proto.Message.AppStateSyncKeyData)
    expect(Buffer.from(k!.keyData!)).toEqual(Buffer.from([1, 2, 3]))
    second.close()
  })

  it('writes a batch whole or not at all', async () => {
    const store = new AccountStore(path)
    await store.keys.set({ session: { a: Buffer.from('old') } })
    const unwritable = {
      toJSON: () => {
        throw new Error('not serialisable')
      },
    }
    await expect(async () =>
      store.keys.set({ session: { a: Buffer.from('new') }, 'identity-key': { a: unwritable as never } }),
    ).rejects.toThrow('not serialisable')
    expect(await store.keys.get('session', ['a'])).toEqual({ a: Buffer.from('old') })
    store.close()
  })

  it('is private: directory 0700, file, log and note 0600, even where they were open to others', async () => {
    const store = new AccountStore(path)
    await store.keys.set({ session: { a: Buffer.from('secret') } })
    expect(modeOf(join(directory, 'accounts'))).toBe('700')
    const files = readdirSync(join(directory, 'accounts'))
    expect(files.sort()).toEqual(['office.db', 'office.db-wal', 'office.db.owner'])
    for (const file of files) expect(modeOf(join(directory, 'accounts', file)), file).toBe('600')
    store.close()

    chmodSync(path, 0o644)
    new AccountStore(path).close()
    expect(modeOf(path)).toBe('600')
  })

  it('uses a write-ahead log', () => {
    const store = new AccountStore(path)
    store.close()
    const database = new Database(path, { readonly: true })
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    database.close()
  })

  it('belongs to one process, and says to which', async () => {
    const writer = spawn(process.execPath, [
      '--import',
      'tsx',
      fileURLToPath(new URL('./store-writer.ts', import.meta.url)),
      'batches',
      path,
    ])
    await once(writer.stdout, 'data')
    const refusal = codeOf(() => new AccountStore(path))
    expect(refusal?.code).toBe('account.locked')
    expect(refusal?.message).toContain(`process ${writer.pid} `)
    rmSync(`${path}.owner`)
    expect(codeOf(() => new AccountStore(path))?.message).toContain('another process')
    writer.kill('SIGKILL')
    await once(writer, 'close')
    new AccountStore(path).close()
    expect(existsSync(`${path}.owner`)).toBe(false)
  }, 30_000)

  it('refuses a file of a later version and leaves it as it is', () => {
    new AccountStore(path).close()
    const database = new Database(path)
    database.pragma('user_version = 7')
    database.close()
    const before = readFileSync(path)
    expect(codeOf(() => new AccountStore(path))?.code).toBe('account.newer-version')
    expect(readFileSync(path)).toEqual(before)
  })

  it('refuses a file that is something else', () => {
    const other = join(directory, 'letter.txt')
    writeFileSync(other, 'Dear diary, '.repeat(100))
    expect(codeOf(() => new AccountStore(other))?.code).toBe('account.not-a-store')
    expect(readFileSync(other, 'utf8')).toBe('Dear diary, '.repeat(100))
  })

  it('brings a file of the first version up to date, and loses nothing', () => {
    const first = new AccountStore(path)
    const { noiseKey } = first.creds
    first.close()
    const database = new Database(path)
    database.exec('DROP TABLE lids')
    database.pragma('user_version = 1')
    database.close()
    const later = new AccountStore(path)
    expect(later.creds.noiseKey).toEqual(noiseKey)
    later.lids.set('49151', { lid: '9@lid', expiresMs: 1000 }, 0)
    expect(later.lids.get('49151')).toEqual({ lid: '9@lid', expiresMs: 1000 })
    later.close()
  })

  it('keeps which numbers are on WhatsApp and which are not, until the answer has expired', async () => {
    const clock = new VirtualClock()
    const lookUp = (store: AccountStore, digits: string, lid: string | undefined) =>
      new LidCache({ clock, entries: store.lids, positiveTtlMs: 1000, negativeTtlMs: 100 }).lookUp(
        digits,
        async () => lid,
      )
    const first = new AccountStore(path)
    await lookUp(first, '1', '9@lid')
    await lookUp(first, '2', undefined)
    first.close()
    const second = new AccountStore(path)
    expect(await lookUp(second, '1', 'new@lid')).toBe('9@lid')
    expect(await lookUp(second, '2', 'new@lid')).toBeUndefined()
    await clock.advance(100)
    expect(await lookUp(second, '2', 'new@lid')).toBe('new@lid')
    await clock.advance(900)
    await lookUp(second, '3', undefined)
    expect(second.lids.get('1')).toBeUndefined()
    second.close()
  })

  it('forgets everything on reset, in the object the client library holds too', async () => {
    const store = new AccountStore(path)
    const { creds } = store
    const { noiseKey } = creds
    creds.me = { id: '4915:2@s.whatsapp.net' }
    creds.account = { details: Buffer.from([1]) }
    expect(store.isPaired).toBe(true)
    await store.keys.set({ session: { a: Buffer.from('old') } })
    store.lids.set('49151', { lid: '9@lid', expiresMs: 1000 }, 0)
    store.reset()
    expect(store.lids.get('49151')).toBeUndefined()
    expect(store.isPaired).toBe(false)
    expect(creds.noiseKey).not.toEqual(noiseKey)
    expect(await store.keys.get('session', ['a'])).toEqual({})
    store.close()
    const again = new AccountStore(path)
    expect(again.creds.noiseKey).toEqual(creds.noiseKey)
    again.close()
  })
})
