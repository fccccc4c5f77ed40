import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/base/random.ts'
import { AccountStore } from '../../../src/whatsapp/account/store.ts'
import { memoryParty, signalParty } from './signal-party.ts'

const program = fileURLToPath(new URL('./store-writer.ts', import.meta.url))
const random = seededRandom(20261121)
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tandem-store-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

/** Runs the writer, kills it some lines and some instants into its work, and returns the lines it had reported. */
async function killedWriter(...args: string[]): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', program, ...args])
  const lines: string[] = []
  const killAfterLines = 20 + random.below(60)
  const errors: string[] = []
  child.stderr?.on('data', (data) => errors.push(String(data)))
  createInterface({ input: child.stdout! }).on('line', (line) => {
    lines.push(line)
    if (lines.length !== killAfterLines) return
    const killAtNs = process.hrtime.bigint() + BigInt(random.below(3_000_000))
    while (process.hrtime.bigint() < killAtNs);
    child.kill('SIGKILL')
  })
  const [code, signal] = await once(child, 'close')
  expect({ code, signal, errors }).toEqual({ code: null, signal: 'SIGKILL', errors: [] })
  return lines
}

describe('kill -9 of the process that writes the account store', () => {
  it('leaves whole batches, and every batch that was reported', async () => {
    for (let round = 0; round < 4; round++) {
      const path = join(directory, `batches-${round}.db`)
      const reported = Number((await killedWriter('batches', path)).at(-1))
      const store = new AccountStore(path)
      const { '4915': mapped } = await store.keys.get('lid-mapping', ['4915'])
      const n = Number(mapped)
      expect(n).toBeGreaterThanOrEqual(reported)
      expect(store.creds.nextPreKeyId).toBeGreaterThanOrEqual(n - 1)
      const { a, b } = await store.keys.get('session', ['a', 'b'])
      expect(Buffer.from(a!).equals(Buffer.alloc(5000, n & 255))).toBe(true)
      expect(Buffer.from(b!).equals(Buffer.alloc(50, n & 255))).toBe(true)
      const preKeys = await store.keys.get('pre-key', ['1', '2', '3'])
      expect(Object.keys(preKeys)).toEqual(['1', String(2 + (n % 2))])
      store.close()
    }
  }, 60_000)

  it('breaks no Signal session: nothing that left is decrypted with a state that was lost', async () => {
    const jid = '100:2@lid'
    const path = join(directory, 'signal.db')
    const bob = memoryParty()
    const setUp = new AccountStore(path)
    await signalParty(setUp.creds, setUp.keys).repository.injectE2ESession({ jid, session: await bob.bundle(1) })
    setUp.close()

    const decrypted: string[] = []
    const decrypt = async (type: string, ciphertext: Buffer) => {
      const from = '200:1@lid'
      const text = await bob.repository.decryptMessage({ jid: from, type: type as 'msg' | 'pkmsg', ciphertext })
      decrypted.push(Buffer.from(text).toString())
    }
    for (let round = 0; round < 3; round++) {
      for (const line of await killedWriter('signal', path, jid)) {
        const [type, ciphertext] = line.split(' ') as [string, string]
        await decrypt(type, Buffer.from(ciphertext, 'base64'))
      }
    }
    const reopened = new AccountStore(path)
    const alice = signalParty(reopened.creds, reopened.keys)
    const { type, ciphertext } = await alice.repository.encryptMessage({
      jid,
      data: Buffer.from('after the last kill'),
    })
    await decrypt(type, Buffer.from(ciphertext))
    expect(decrypted.at(-1)).toBe('after the last kill')
    expect(decrypted.length).toBeGreaterThan(60)
    reopened.close()
  }, 60_000)
})
