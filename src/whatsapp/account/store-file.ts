import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { ConfigError } from '../../base/errors.ts'

/** What each version adds to the one before. */
const STEPS: readonly string[] = [
  `CREATE TABLE creds (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL) STRICT;
  CREATE TABLE signal_keys (type TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (type, id))
    STRICT, WITHOUT ROWID;`,
  `CREATE TABLE lids (number TEXT PRIMARY KEY, lid TEXT, expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
]

/** A file of a later version is refused, never touched. */
const SCHEMA_VERSION = STEPS.length

/**
 * Opens the account's database for this process alone: directory 0700, file and its journal 0600, write-ahead log
 * under an exclusive lock that the operating system drops with the process, however it ends.
 * Throws `ConfigError`: `account.locked`, `account.not-a-store`, `account.newer-version`.
 */
export function openStoreFile(path: string): Database.Database {
  createPrivately(path)
  const database = new Database(path, { timeout: 0 })
  try {
    lock(database, path)
    migrate(database, path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

export function closeStoreFile(database: Database.Database): void {
  if (!database.open) return
  const path = database.name
  database.close()
  rmSync(ownerPath(path), { force: true })
}

/** SQLite gives the journal the mode of the database file, so that one is made, or put right, first. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600)
}

/** Exclusive locking must be asked for before the write-ahead log is first touched; the empty transaction takes the lock. */
function lock(database: Database.Database, path: string): void {
  try {
    database.pragma('locking_mode = EXCLUSIVE')
    database.pragma('journal_mode = WAL')
    database.exec('BEGIN EXCLUSIVE; COMMIT')
  } catch (error) {
    throw refusal(error, path)
  }
  writeFileSync(ownerPath(path), JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 })
}

function migrate(database: Database.Database, path: string): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version === SCHEMA_VERSION) return
  if (version > SCHEMA_VERSION) {
    throw new ConfigError(
      'account.newer-version',
      `${path} has schema version ${version}; this program knows ${SCHEMA_VERSION}`,
    )
  }
  database.transaction(() => {
    for (const step of STEPS.slice(version)) database.exec(step)
    database.pragma(`user_version = ${SCHEMA_VERSION}`)
  })()
}

function refusal(error: unknown, path: string): unknown {
  const code = error instanceof Database.SqliteError ? error.code : undefined
  if (code?.startsWith('SQLITE_BUSY')) {
    return new ConfigError('account.locked', `${path} is in use by ${ownerOf(path)}; one process per account`, { path })
  }
  if (code === 'SQLITE_NOTADB') {
    return new ConfigError('account.not-a-store', `${path} is not an account store`, { path }, { cause: error })
  }
  return error
}

/** Who holds the lock: a note for the message only, the lock itself is SQLite's. */
function ownerPath(path: string): string {
  return `${path}.owner`
}

function ownerOf(path: string): string {
  try {
    const { pid, host } = JSON.parse(readFileSync(ownerPath(path), 'utf8'))
    if (Number.isInteger(pid)) return `process ${pid} on ${String(host)}`
  } catch {
    // The note is missing or half written: the lock stands all the same.
  }
  return 'another process'
}
