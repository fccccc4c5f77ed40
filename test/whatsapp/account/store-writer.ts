/** Run as a program: writes to the store given, and reports each write only after it has returned. The test kills it. */
import { writeSync } from 'node:fs'
import { AccountStore } from '../../../src/whatsapp/account/store.ts'
import { signalParty } from './signal-party.ts'

const [mode, path, jid] = process.argv.slice(2) as [string, string, string]
const store = new AccountStore(path)

async function writeBatches(): Promise<never> {
  for (let n = 0; ; n++) {
    const key = { public: new Uint8Array([n & 255]), private: new Uint8Array(2000).fill(n & 255) }
    await store.keys.set({
      session: { a: new Uint8Array(5000).fill(n & 255), b: new Uint8Array(50).fill(n & 255) },
      'pre-key': { '1': key, [String(2 + (n % 2))]: key, [String(2 + ((n + 1) % 2))]: null },
      'lid-mapping': { '4915': String(n) },
    })
    store.creds.nextPreKeyId = n
    store.saveCreds()
    writeSync(1, `${n}\n`)
  }
}

async function encryptForever(): Promise<never> {
  const { repository } = signalParty(store.creds, store.keys)
  for (let n = 0; ; n++) {
    const { type, ciphertext } = await repository.encryptMessage({ jid, data: Buffer.from(`message ${n}`) })
    writeSync(1, `${type} ${Buffer.from(ciphertext).toString('base64')}\n`)
  }
}

await (mode === 'batches' ? writeBatches() : encryptForever())
