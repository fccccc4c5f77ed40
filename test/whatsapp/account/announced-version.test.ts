import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UserFacingSocketConfig } from 'baileys'
import { DEFAULT_CONNECTION_CONFIG } from 'baileys'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../src/base/logger.ts'
import { configFrom } from '../../../src/config/load.ts'
import { openStore } from '../../../src/gateway/files.ts'
import { accountClient } from '../../../src/gateway/open-account.ts'

const announced: unknown[] = []

// What the library is asked for; the connection that it then tries leads nowhere.
vi.mock('baileys', async (original) => {
  const library = await original<typeof import('baileys')>()
  const makeWASocket = (config: UserFacingSocketConfig) => {
    announced.push(config.version)
    return library.makeWASocket({ ...config, waWebSocketUrl: 'ws://127.0.0.1:1' })
  }
  return { ...library, makeWASocket }
})

let dataDirectory: string
beforeEach(() => {
  announced.length = 0
  dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-version-'))
})
afterEach(() => rmSync(dataDirectory, { recursive: true, force: true }))

it.each([
  ['the library’s own', {}, DEFAULT_CONNECTION_CONFIG.version],
  [
    'the one in `clientVersion`',
    { clientVersion: [2, 3000, 1234567890] as [number, number, number] },
    [2, 3000, 1234567890],
  ],
])('WhatsApp is told %s', async (_, setting, expected) => {
  const config = configFrom({ dataDirectory, whatsapp: { accounts: [{ name: 'main', ...setting }] } })
  const store = openStore(config, 'main')
  const client = accountClient(config.whatsapp.accounts[0], store, { log: silentLogger, pairing: { method: 'qr' } })
  await client.start()
  await client.stop()
  store.close()
  expect(announced).toEqual([expected])
})
