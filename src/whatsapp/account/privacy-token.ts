import { isTcTokenExpired } from 'baileys/lib/Utils/tc-token-utils.js'
import { bareJid, phoneJid } from '../jid.ts'
import type { Jid } from '../wa-client.ts'
import type { AccountStore } from './store.ts'
import { numberOfLid } from './user-sync.ts'

/** The token that a user given by LID gave us. One out of the chat history may be kept by number, if the LID was not known. */
export async function privacyTokenOf(store: AccountStore, user: Jid): Promise<Uint8Array | undefined> {
  const lid = bareJid(user)
  const number = await numberOfLid(store, lid)
  const names = number === undefined ? [lid] : [lid, phoneJid(number)]
  const entries = await store.keys.get('tctoken', names)
  const entry = names.map((name) => entries[name]).find((kept) => kept && !isTcTokenExpired(kept.timestamp))
  return entry && new Uint8Array(entry.token)
}
