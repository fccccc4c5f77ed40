import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { configFrom } from '../../src/config/load.ts'
import { Gateway } from '../../src/gateway.ts'
import { LOOPBACK } from './house.ts'

it('a gateway that was never started, and one that is stopped, can be asked how it is', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-status-'))
  const config = configFrom({
    dataDirectory,
    sip: { listen: [{ transport: 'udp', address: LOOPBACK, port: 0 }] },
    media: { address: LOOPBACK },
    http: { enabled: false },
  })
  const gateway = new Gateway(config, { log: silentLogger, product: 'Tandem/test' })
  expect(gateway.status()).toMatchObject({ state: 'starting', activeCalls: 0 })
  await gateway.stop()
  await gateway.stop()
  expect(gateway.status()).toMatchObject({
    state: 'stopped',
    activeCalls: 0,
    accounts: [{ name: 'main', activeCalls: 0, restrictedForS: 0, dials: { lastDay: 0, strangersLastDay: 0 } }],
  })
  rmSync(dataDirectory, { recursive: true, force: true })
})
