import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/base/random.ts'
import { AccountStore } from '../../../src/whatsapp/account/store.ts'
import { simAccount, untilState } from './sim-account.ts'

const program = fileURLToPath(new URL('./calling-client.ts', import.meta.url))
const random = seededRandom(20261121)

let account: Awaited<ReturnType<typeof simAccount>>

beforeEach(async () => {
  account = await simAccount()
  await account.pair()
  account.store.close()
})
afterEach(() => account.end())

/** Runs a client on the account's store, kills it while it encrypts, and returns what it had reported. */
async function killedClient(): Promise<string[]> {
  const { publicKey, serial } = account.sim.noiseRoot
  const root = [Buffer.from(publicKey).toString('hex'), String(serial)]
  const devices = account.devices.map(({ jid }) => jid)
  const args = ['--import', 'tsx', program, account.storePath, account.url, ...root, ...devices]
  const child = spawn(process.execPath, args)
  const lines: string[] = []
  const killAfterLines = 10 + random.below(80)
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (lines.push(line) === killAfterLines) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'close')
  expect(signal).toBe('SIGKILL')
  return lines
}

describe('kill -9 of a client that is encrypting call keys', () => {
  it('leaves the account paired and every session whole: all that left is opened, and so is the next', async () => {
    const self = account.owner.devices.get(1)!.jid
    let opened = 0
    for (let round = 0; round < 3; round++) {
      const [state, ...lines] = await killedClient()
      expect(state).toBe('state open')
      for (const line of lines) {
        const [n, jid, type, ciphertext] = line.split(' ') as [string, string, string, string]
        const key = await account.peers.get(jid)!.openKey(self, type, Buffer.from(ciphertext, 'base64'))
        expect(key).toEqual(new Uint8Array(32).fill(Number(n) & 255))
        opened++
      }
    }
    expect(opened).toBeGreaterThan(30)

    const store = new AccountStore(account.storePath)
    const client = account.makeClient({ store })
    const open = untilState(client, 'open')
    await client.start()
    await open
    const callKey = new Uint8Array(32).fill(77)
    const { keys } = await client.encryptCallKey(
      account.devices.map(({ jid }) => jid),
      callKey,
    )
    for (const { jid, type, ciphertext } of keys) {
      expect(await account.peers.get(jid)!.openKey(self, type, ciphertext)).toEqual(callKey)
    }
    const [, linked] = account.devices
    const answer = await account.peers.get(linked.jid)!.sealKey(self, callKey)
    expect(await client.decryptCallKey(linked.jid, answer.type, answer.ciphertext)).toEqual(callKey)
    await client.stop()
    store.close()
  }, 60_000)
})
