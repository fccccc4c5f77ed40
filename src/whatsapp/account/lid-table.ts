import type Database from 'better-sqlite3'
import type { LidEntries, LidEntry } from '../numbers/lid-cache.ts'

interface Row {
  readonly lid: string | null
  readonly expiresMs: number
}

/** Which numbers are on WhatsApp, and under which LID, kept over restarts; expired answers go with the next one that comes. */
export class LidTable implements LidEntries {
  readonly #get: Database.Statement<[string], Row>
  readonly #put: Database.Statement<[string, string | null, number]>
  readonly #forget: Database.Statement<[number]>
  readonly #clear: Database.Statement<[]>

  constructor(database: Database.Database) {
    this.#get = database.prepare('SELECT lid, expires_ms AS expiresMs FROM lids WHERE number = ?')
    this.#put = database.prepare('INSERT OR REPLACE INTO lids VALUES (?, ?, ?)')
    this.#forget = database.prepare('DELETE FROM lids WHERE expires_ms <= ?')
    this.#clear = database.prepare('DELETE FROM lids')
  }

  get(digits: string): LidEntry | undefined {
    const row = this.#get.get(digits)
    return row && { lid: row.lid ?? undefined, expiresMs: row.expiresMs }
  }

  set(digits: string, { lid, expiresMs }: LidEntry, nowMs: number): void {
    this.#forget.run(nowMs)
    this.#put.run(digits, lid ?? null, expiresMs)
  }

  clear(): void {
    this.#clear.run()
  }
}
