import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { ConfigError } from '../../base/errors.ts'

/** A breaker that has tripped. `scope`: whom it keeps from being dialled. */
export interface TrippedBreaker {
  readonly scope: 'strangers' | 'everyone'
  /** Milliseconds since the Unix epoch. */
  readonly openUntilMs: number
  readonly pauseMs: number
  /** Restrictions without a call that rang in between. */
  readonly restrictions: number
}

const DAY_MS = 86_400_000

/** What makes a file of version n + 1 of one of version n; a file of a later version than ours is refused, never touched. */
const SCHEMA_STEPS = [
  `
  CREATE TABLE dials (account TEXT NOT NULL, at_ms INTEGER NOT NULL, number TEXT NOT NULL, stranger INTEGER NOT NULL) STRICT;
  CREATE INDEX dials_by_time ON dials (account, at_ms);
  CREATE TABLE contacts (account TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (account, number)) STRICT, WITHOUT ROWID;
  CREATE TABLE breakers (account TEXT PRIMARY KEY, scope TEXT NOT NULL, open_until_ms INTEGER NOT NULL,
    pause_ms INTEGER NOT NULL, restrictions INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`,
  'CREATE TABLE announced_restrictions (account TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID',
]

/**
 * What the dialler must remember over a restart: who was dialled in the last day, who is a contact, which account is
 * restricted. One SQLite file with mode 0600, as it holds whole numbers.
 */
export class DialLedger {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>

  /** `path` may be `:memory:`. Throws `ConfigError` `dialler.not-a-ledger`, `dialler.newer-version`. */
  constructor(path: string) {
    if (path !== ':memory:') createPrivately(path)
    this.#database = new Database(path)
    try {
      migrate(this.#database, path)
    } catch (error) {
      this.#database.close()
      throw error
    }
    this.#statements = prepare(this.#database)
  }

  noteDial(account: string, number: string, atMs: number, isStranger: boolean): void {
    this.#statements.forgetDials.run(atMs - DAY_MS)
    this.#statements.addDial.run(account, atMs, number, isStranger ? 1 : 0)
  }

  /** Times of the account's dials after `sinceMs`, oldest first. */
  dialsSince(account: string, sinceMs: number): readonly number[] {
    return this.#database.open ? this.#statements.dials.all(account, sinceMs) : []
  }

  /** When each stranger dialled after `sinceMs` was dialled last, oldest first; `except` is left out. */
  strangersSince(account: string, sinceMs: number, except: string): readonly number[] {
    return this.#database.open ? this.#statements.strangers.all(account, sinceMs, except) : []
  }

  isContact(account: string, number: string): boolean {
    return this.#database.open && this.#statements.getContact.get(account, number) !== undefined
  }

  addContact(account: string, number: string): void {
    if (this.#database.open) this.#statements.addContact.run(account, number)
  }

  breaker(account: string): TrippedBreaker | undefined {
    return this.#database.open ? this.#statements.getBreaker.get(account) : undefined
  }

  /** Undefined: closed again. */
  setBreaker(account: string, breaker: TrippedBreaker | undefined): void {
    if (!this.#database.open) return
    if (breaker) this.#statements.putBreaker.run({ account, ...breaker })
    else this.#statements.deleteBreaker.run(account)
  }

  /** Until when WhatsApp itself says that the account is restricted, milliseconds since the Unix epoch. */
  restrictedUntil(account: string): number | undefined {
    return this.#database.open ? this.#statements.getAnnounced.get(account) : undefined
  }

  /** Undefined: WhatsApp says that it is not. */
  setRestrictedUntil(account: string, untilMs: number | undefined): void {
    if (!this.#database.open) return
    if (untilMs === undefined) this.#statements.deleteAnnounced.run(account)
    else this.#statements.putAnnounced.run(account, untilMs)
  }

  /**
   * From then on it knows nothing and keeps nothing, as a last look at the gateway, or the end of a call, may still come.
   * Only a dial throws: none is made that is not counted.
   */
  close(): void {
    if (this.#database.open) this.#database.close()
  }
}

function prepare(database: Database.Database) {
  return {
    addDial: database.prepare<[string, number, string, number]>('INSERT INTO dials VALUES (?, ?, ?, ?)'),
    forgetDials: database.prepare<[number]>('DELETE FROM dials WHERE at_ms <= ?'),
    dials: database
      .prepare<[string, number], number>('SELECT at_ms FROM dials WHERE account = ? AND at_ms > ? ORDER BY at_ms')
      .pluck(),
    strangers: database
      .prepare<[string, number, string], number>(
        `SELECT max(at_ms) AS latest FROM dials WHERE account = ? AND at_ms > ? AND stranger = 1 AND number <> ?
         GROUP BY number ORDER BY latest`,
      )
      .pluck(),
    getContact: database
      .prepare<[string, string], number>('SELECT 1 FROM contacts WHERE account = ? AND number = ?')
      .pluck(),
    addContact: database.prepare<[string, string]>('INSERT OR IGNORE INTO contacts VALUES (?, ?)'),
    getBreaker: database.prepare<[string], TrippedBreaker>(
      `SELECT scope, open_until_ms AS openUntilMs, pause_ms AS pauseMs, restrictions FROM breakers WHERE account = ?`,
    ),
    putBreaker: database.prepare<[TrippedBreaker & { account: string }]>(
      'INSERT OR REPLACE INTO breakers VALUES (:account, :scope, :openUntilMs, :pauseMs, :restrictions)',
    ),
    deleteBreaker: database.prepare<[string]>('DELETE FROM breakers WHERE account = ?'),
    getAnnounced: database
      .prepare<[string], number>('SELECT until_ms FROM announced_restrictions WHERE account = ?')
      .pluck(),
    putAnnounced: database.prepare<[string, number]>('INSERT OR REPLACE INTO announced_restrictions VALUES (?, ?)'),
    deleteAnnounced: database.prepare<[string]>('DELETE FROM announced_restrictions WHERE account = ?'),
  }
}

function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

function migrate(database: Database.Database, path: string): void {
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
  } catch (error) {
    throw new ConfigError('dialler.not-a-ledger', `${path} is not a dial ledger`, { path }, { cause: error })
  }
  const version = Number(database.pragma('user_version', { simple: true }))
  const known = SCHEMA_STEPS.length
  if (version > known) {
    throw new ConfigError('dialler.newer-version', `${path} has schema version ${version}; this program knows ${known}`)
  }
  database.transaction(() => {
    for (const step of SCHEMA_STEPS.slice(version)) database.exec(step)
    database.pragma(`user_version = ${known}`)
  })()
}
