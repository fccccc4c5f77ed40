import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { type LogFields, silentLogger } from '../../src/base/logger.ts'
import { CertificateWatch } from '../../src/gateway/certificate-watch.ts'
import type { SipTlsOptions } from '../../src/sip/sip-engine.ts'

const MINUTE_MS = 60_000

let folder: string
let clock: VirtualClock
let watch: CertificateWatch
const renewed: SipTlsOptions[] = []
const lines: string[] = []
let refuse: string | undefined

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-watch-'))
  clock = new VirtualClock()
  renewed.length = 0
  lines.length = 0
  refuse = undefined
  write('cert.pem', 'certificate 1')
  write('key.pem', 'key 1')
  const say = (_: LogFields, message: string) => void lines.push(message)
  watch = new CertificateWatch({
    tls: {
      certificate: join(folder, 'cert.pem'),
      key: join(folder, 'key.pem'),
      ca: null,
      clientCertificates: 'optional',
      verifyServers: true,
    },
    inUse: { certificate: 'certificate 1', key: 'key 1', clientCertificates: 'optional', verifyServers: true },
    clock,
    log: { ...silentLogger, info: say, warn: say },
    renew: (tls) => {
      if (refuse !== undefined) throw new Error(refuse)
      renewed.push(tls)
    },
  })
})
afterEach(() => {
  watch.stop()
  rmSync(folder, { recursive: true })
})

/** A minute passes, and what is read of the disk has been dealt with. */
async function look() {
  await clock.advance(MINUTE_MS)
  await vi.waitFor(() => expect(clock.pendingTimers).toBe(1))
}

test('what has not changed is left alone', async () => {
  await watch.start()
  await look()
  await look()
  expect([renewed, lines]).toEqual([[], []])
})

test('a new certificate and key are used within a minute, with the rest as configured', async () => {
  await watch.start()
  write('cert.pem', 'certificate 2')
  write('key.pem', 'key 2')
  await look()
  const settings = { ca: undefined, clientCertificates: 'optional', verifyServers: true }
  expect(renewed).toEqual([{ certificate: 'certificate 2', key: 'key 2', ...settings }])
  expect(lines).toEqual(['TLS certificates renewed'])
})

test('what is refused is said once; the next change is tried again', async () => {
  await watch.start()
  refuse = 'key values mismatch'
  write('cert.pem', 'certificate 2')
  await look()
  await look()
  expect(lines).toEqual(['new TLS certificates refused: the old ones stay'])
  refuse = undefined
  write('key.pem', 'key 2')
  await look()
  expect(renewed).toMatchObject([{ certificate: 'certificate 2', key: 'key 2' }])
})

test('a file that is gone for a moment changes nothing', async () => {
  await watch.start()
  rmSync(join(folder, 'key.pem'))
  await look()
  expect(lines).toEqual(['a TLS file cannot be read: the old one stays'])
  write('key.pem', 'key 2')
  await look()
  expect(renewed).toMatchObject([{ key: 'key 2' }])
})

test('what was renewed before the first look is used at once', async () => {
  write('cert.pem', 'certificate 2')
  write('key.pem', 'key 2')
  await watch.start()
  expect(renewed).toMatchObject([{ certificate: 'certificate 2', key: 'key 2' }])
})

test('what was renewed while a file was missing at the first look is used at the next one', async () => {
  rmSync(join(folder, 'key.pem'))
  await watch.start()
  write('cert.pem', 'certificate 2')
  write('key.pem', 'key 2')
  await look()
  expect(renewed).toMatchObject([{ certificate: 'certificate 2', key: 'key 2' }])
})

test('after stop nothing is looked at any more', async () => {
  await watch.start()
  watch.stop()
  expect(clock.pendingTimers).toBe(0)
})

test('without files there is nothing to look at', async () => {
  const tls = { certificate: null, key: null, ca: null, clientCertificates: 'none', verifyServers: true } as const
  const idle = new VirtualClock()
  const none = new CertificateWatch({
    ...{ tls, inUse: undefined, clock: idle, log: silentLogger },
    renew: () => expect.unreachable(),
  })
  await none.start()
  expect(idle.pendingTimers).toBe(0)
})
