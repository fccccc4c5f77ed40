import type { AuthenticationCreds, SignalDataSet, SignalDataTypeMap, SignalKeyStore } from 'baileys'
import type Database from 'better-sqlite3'
import './silence-libsignal.ts'
import { BufferJSON, initAuthCreds, proto } from 'baileys'
import { LidTable } from './lid-table.ts'
import { closeStoreFile, openStoreFile } from './store-file.ts'

type KeyType = keyof SignalDataTypeMap

/**
 * What can be lost in a power cut without harm, because WhatsApp gives it again when asked. Everything else is a
 * ratchet state, a private key or an identity: once used, it must not be forgotten.
 */
const REPLACEABLE: ReadonlySet<string> = new Set<KeyType>([
  'lid-mapping',
  'device-list',
  'tctoken',
  'app-state-sync-version',
])

/**
 * Credentials and Signal state of one account, in one SQLite file that this process alone holds.
 * A write is one transaction and has reached the disk when the call returns; the client library waits for it before
 * it hands out a ciphertext, so no key is used before the state that produced it is kept.
 */
export class AccountStore {
  readonly creds: AuthenticationCreds
  readonly keys: SignalKeyStore
  readonly lids: LidTable
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>

  /** Throws `ConfigError`, see `openStoreFile`. */
  constructor(path: string) {
    this.#database = openStoreFile(path)
    this.#statements = prepare(this.#database)
    this.creds = this.#readCreds()
    this.lids = new LidTable(this.#database)
    this.keys = {
      get: (type, ids) => this.#get(type, ids),
      set: (data) => this.#set(data),
      clear: () => this.#durably(() => this.#statements.clearKeys.run()),
    }
  }

  /** True when a phone has accepted this device. Credentials of a pairing that was not completed do not count. */
  get isPaired(): boolean {
    return this.creds.account !== undefined && this.creds.me !== undefined
  }

  saveCreds(): void {
    this.#durably(() => this.#statements.putCreds.run(toJson(this.creds)))
  }

  /** Forgets the pairing and every key: the next connection pairs as a new device. */
  reset(): void {
    for (const key of Object.keys(this.creds)) delete (this.creds as Partial<Record<string, unknown>>)[key]
    Object.assign(this.creds, initAuthCreds())
    this.#durably(() => {
      this.#statements.clearKeys.run()
      this.lids.clear()
      this.#statements.putCreds.run(toJson(this.creds))
    })
  }

  close(): void {
    closeStoreFile(this.#database)
  }

  #readCreds(): AuthenticationCreds {
    const json = this.#statements.getCreds.get()
    if (json !== undefined) return fromJson(json) as AuthenticationCreds
    const creds = initAuthCreds()
    this.#durably(() => this.#statements.putCreds.run(toJson(creds)))
    return creds
  }

  #get<T extends KeyType>(type: T, ids: readonly string[]): Record<string, SignalDataTypeMap[T]> {
    const found: Record<string, SignalDataTypeMap[T]> = {}
    for (const id of ids) {
      const json = this.#statements.getKey.get(type, id)
      if (json !== undefined) found[id] = revive(type, fromJson(json)) as SignalDataTypeMap[T]
    }
    return found
  }

  #set(data: SignalDataSet): void {
    const types = Object.keys(data)
    const write = () => {
      for (const [type, values] of Object.entries(data)) this.#setType(type, values ?? {})
    }
    if (types.every((type) => REPLACEABLE.has(type))) this.#replaceably(write)
    else this.#durably(write)
  }

  #setType(type: string, values: Readonly<Record<string, unknown>>): void {
    for (const [id, value] of Object.entries(values)) {
      if (value === null || value === undefined) this.#statements.deleteKey.run(type, id)
      else this.#statements.putKey.run(type, id, toJson(value))
    }
  }

  /** FULL: the log is synced at each commit, not only at checkpoints. */
  #durably(write: () => void): void {
    this.#database.pragma('synchronous = FULL')
    this.#database.transaction(write).immediate()
  }

  #replaceably(write: () => void): void {
    this.#database.pragma('synchronous = NORMAL')
    this.#database.transaction(write).immediate()
  }
}

function prepare(database: Database.Database) {
  return {
    getCreds: database.prepare<[], string>('SELECT json FROM creds WHERE id = 1').pluck(),
    putCreds: database.prepare<[string]>('INSERT OR REPLACE INTO creds (id, json) VALUES (1, ?)'),
    getKey: database
      .prepare<[string, string], string>('SELECT json FROM signal_keys WHERE type = ? AND id = ?')
      .pluck(),
    putKey: database.prepare<[string, string, string]>('INSERT OR REPLACE INTO signal_keys VALUES (?, ?, ?)'),
    deleteKey: database.prepare<[string, string]>('DELETE FROM signal_keys WHERE type = ? AND id = ?'),
    clearKeys: database.prepare<[]>('DELETE FROM signal_keys'),
  }
}

function toJson(value: unknown): string {
  return JSON.stringify(value, BufferJSON.replacer)
}

function fromJson(json: string): unknown {
  return JSON.parse(json, BufferJSON.reviver)
}

/** The one key type that the client library wants back as a protobuf object. */
function revive(type: KeyType, value: unknown): unknown {
  if (type !== 'app-state-sync-key') return value
  return proto.Message.AppStateSyncKeyData.fromObject(value as Record<string, unknown>)
}
