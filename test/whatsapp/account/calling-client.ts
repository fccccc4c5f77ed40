/** Run as a program: connects and encrypts call keys without end, each sent at once. The test kills it. */
import { writeSync } from 'node:fs'
import { BaileysClient } from '../../../src/whatsapp/account/baileys-client.ts'
import { AccountStore } from '../../../src/whatsapp/account/store.ts'

const [path, url, publicKey, serial, ...devices] = process.argv.slice(2) as [string, string, string, string, string]
const client = new BaileysClient({
  store: new AccountStore(path),
  url,
  noiseRoot: { publicKey: Buffer.from(publicKey, 'hex'), serial: Number(serial) },
})

async function encryptForever(): Promise<never> {
  for (let n = 0; ; n++) {
    const { keys } = await client.encryptCallKey(devices, new Uint8Array(32).fill(n & 255))
    const lines = keys.map(
      ({ jid, type, ciphertext }) => `${n} ${jid} ${type} ${Buffer.from(ciphertext).toString('base64')}`,
    )
    writeSync(1, `${lines.join('\n')}\n`)
  }
}

client.events.on((event) => {
  if (event.type === 'state' && event.state !== 'connecting') writeSync(1, `state ${event.state}\n`)
  if (event.type === 'state' && event.state === 'open') void encryptForever()
})
await client.start()
