import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Every way in which somebody might write these bytes down. */
export function spellings(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes)
  const hex = buffer.toString('hex')
  return [hex, hex.toUpperCase(), buffer.toString('base64').replace(/=+$/, ''), buffer.toString('base64url')]
}

/** What the account's file holds in base64: private keys, ratchets, tokens; and public keys, which do no harm here. */
export function storedSecrets(dataDirectory: string): string[] {
  const database = new Database(join(dataDirectory, 'account-main.sqlite'), { readonly: true })
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[]
  const rows = tables.flatMap((table) => database.prepare(`SELECT * FROM "${table}"`).all())
  database.close()
  return [...JSON.stringify(rows).matchAll(/[A-Za-z0-9+/]{40,}/g)].map(([text]) => text)
}
