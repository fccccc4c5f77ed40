import { systemClock, VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom, systemRandom } from '../../src/base/random.ts'
import { MemoryNetwork } from '../../src/net/memory-network.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import type { SipEngine, SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { type SipEnvironment, SipUserAgent } from '../../src/sip/user-agent.ts'
import { sipEngineContract } from './sip-engine.ts'

function agent(address: string, options: Partial<SipUserAgentOptions>, environment: SipEnvironment): SipEngine {
  const base = { realm: 'test', product: 'test', users: [], registrations: [], staticTrunks: [] }
  return new SipUserAgent({ ...base, listeners: [{ transport: 'udp', address, port: 0 }], ...options }, environment)
}

/** Protocol exchanges in virtual time are over well within this, back-off included. */
const PATIENCE_MS = 5000

for (const loss of [0, 0.1]) {
  sipEngineContract(`own, over a network in memory that loses ${loss * 100} %`, async () => {
    const clock = new VirtualClock()
    const network = new MemoryNetwork(clock, seededRandom(11))
    network.faults = { loss, delayMs: 1 }
    let engines = 0
    let isOpen = true
    // stop() waits for answers that only come as time goes on.
    const passing = (async () => {
      while (isOpen) await clock.advance(10)
    })()
    return {
      network: '10.0.0.0/24',
      engine: (options) => {
        engines++
        return agent(`10.0.0.${engines}`, options, {
          clock,
          network,
          random: seededRandom(engines),
          logger: silentLogger,
        })
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

sipEngineContract('own, over UDP on loopback', async () => {
  const environment = {
    clock: systemClock,
    network: new NodeNetwork(silentLogger),
    random: systemRandom,
    logger: silentLogger,
  }
  return {
    network: '127.0.0.0/8',
    engine: (options) => agent('127.0.0.1', options, environment),
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
