import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, VirtualClock } from '../../../src/base/clock.ts'
import type { User } from '../../../src/sim/server/directory.ts'
import type { ByteLink } from '../../../src/sim/server/web-client.ts'
import { listenForClients } from '../../../src/sim/server/web-socket-listener.ts'
import { BaileysClient, type BaileysClientOptions } from '../../../src/whatsapp/account/baileys-client.ts'
import { AccountStore } from '../../../src/whatsapp/account/store.ts'
import type { WaClient, WaEvent, WaState } from '../../../src/whatsapp/wa-client.ts'
import { simNetwork } from './sim-network.ts'

export function untilState(client: WaClient, state: WaState): Promise<void> {
  return until(client, (event) => event.type === 'state' && event.state === state).then(() => {})
}

export function until(client: WaClient, matches: (event: WaEvent) => boolean): Promise<WaEvent> {
  return new Promise((resolve) => {
    const off = client.events.on((event) => {
      if (!matches(event)) return
      off()
      resolve(event)
    })
  })
}

/** A simulated WhatsApp with the owner of an account and somebody to call, and clients of that account. */
export async function simAccount() {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-account-'))
  const network = simNetwork(systemClock)
  const { sim, owner } = network
  const links: ByteLink[] = []
  const listener = await listenForClients('127.0.0.1', (link) => {
    links.push(link)
    return sim.accept(link)
  })

  const clock = new VirtualClock()
  const storePath = join(directory, 'account.db')
  const store = new AccountStore(storePath)
  const clients: BaileysClient[] = []
  const makeClient = (options: Partial<BaileysClientOptions> = {}) => {
    const client = new BaileysClient({ store, clock, url: listener.url, noiseRoot: sim.noiseRoot, ...options })
    clients.push(client)
    return client
  }
  /** Pairs by QR, through the 515 restart, and leaves the client stopped. */
  const pair = async (scanningUser: User = owner) => {
    const client = makeClient({ pairing: { method: 'qr' } })
    client.events.on((event) => {
      if (event.type === 'qr') sim.pairing.scan(event.text, scanningUser)
      // The restart that the server asks for is due at once, on the client's clock.
      if (event.type === 'state' && event.state === 'closed') void clock.advance(0)
    })
    const open = untilState(client, 'open')
    await client.start()
    await open
    await client.stop()
  }
  const end = async () => {
    for (const client of clients) await client.stop()
    store.close()
    sim.close()
    await listener.close()
    rmSync(directory, { recursive: true })
  }
  return {
    ...network,
    url: listener.url,
    links,
    store,
    storePath,
    clock,
    makeClient,
    pair,
    end,
  }
}
