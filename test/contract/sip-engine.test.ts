import { afterAll } from 'vitest'
import { systemClock, VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom, systemRandom } from '../../src/base/random.ts'
import { MemoryNetwork } from '../../src/net/memory-network.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import type { SipEnvironment } from '../../src/sip/core.ts'
import type { SipEngine, SipUserAgentOptions, TransportName } from '../../src/sip/sip-engine.ts'
import { SipUserAgent } from '../../src/sip/user-agent.ts'
import { TestAuthority } from '../net/certificates.ts'
import { sipEngineContract } from './sip-engine.ts'

function agent(
  transport: TransportName,
  address: string,
  options: Partial<SipUserAgentOptions>,
  environment: SipEnvironment,
): SipEngine {
  const base = { realm: 'test', product: 'test', users: [], registrations: [], staticTrunks: [] }
  return new SipUserAgent({ ...base, listeners: [{ transport, address, port: 0 }], ...options }, environment)
}

/** Protocol exchanges in virtual time are over well within this, back-off included. */
const PATIENCE_MS = 5000

for (const { transport, loss, maxPieceBytes } of [
  { transport: 'udp', loss: 0, maxPieceBytes: 1 },
  { transport: 'udp', loss: 0.1, maxPieceBytes: 1 },
  { transport: 'tcp', loss: 0, maxPieceBytes: 7 },
  { transport: 'tls', loss: 0, maxPieceBytes: 1000 },
] as const) {
  sipEngineContract(`own, over ${transport} in memory that loses ${loss * 100} % of datagrams`, async () => {
    const clock = new VirtualClock()
    const network = new MemoryNetwork(clock, seededRandom(11))
    network.faults = { loss, delayMs: 1, maxPieceBytes }
    let engines = 0
    let isOpen = true
    // stop() waits for answers that only come as time goes on.
    const passing = (async () => {
      while (isOpen) await clock.advance(10)
    })()
    return {
      transport,
      network: '10.0.0.0/24',
      engine: (options) => {
        engines++
        const tls = { certificate: 'of memory', clientCertificates: 'none', verifyServers: true } as const
        return agent(
          transport,
          `10.0.0.${engines}`,
          { tls, ...options },
          {
            clock,
            network,
            random: seededRandom(engines),
            logger: silentLogger,
          },
        )
      },
      until: async (condition) => {
        const endMs = clock.nowMs() + (loss > 0 ? 10 * PATIENCE_MS : PATIENCE_MS)
        while (!condition()) {
          if (clock.nowMs() > endMs) throw new Error(`not within ${endMs} ms of virtual time`)
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
      close: async () => {
        isOpen = false
        await passing
      },
    }
  })
}

const authority = new TestAuthority()
afterAll(() => authority.remove())

for (const { transport, address } of [
  { transport: 'udp', address: '127.0.0.1' },
  { transport: 'udp', address: '::1' },
  { transport: 'tcp', address: '127.0.0.1' },
  { transport: 'tcp', address: '::1' },
  { transport: 'tls', address: '127.0.0.1' },
] as const)
  sipEngineContract(`own, over ${transport} at ${address}`, async () => {
    const identity = transport === 'tls' ? authority.issue(`IP:${address}`) : {}
    const tls = { ...identity, ca: authority.ca, clientCertificates: 'required', verifyServers: true } as const
    const environment = {
      clock: systemClock,
      network: new NodeNetwork(silentLogger),
      random: systemRandom,
      logger: silentLogger,
    }
    return {
      transport,
      network: address === '::1' ? '::1/128' : '127.0.0.0/8',
      engine: (options) => agent(transport, address, { tls, ...options }, environment),
      until: async (condition) => {
        const endMs = performance.now() + PATIENCE_MS
        while (!condition()) {
          if (performance.now() > endMs) throw new Error(`not within ${PATIENCE_MS} ms`)
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
      close: async () => {},
    }
  })
