import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { relayCandidates } from '../../src/relay/candidates.ts'
import { iceConnector } from '../../src/relay/ice-transport.ts'
import { RelaySet, type RelaySetEvent, type RelaySetOptions } from '../../src/relay/relay-set.ts'
import { RelayFleet } from '../../src/sim/relay/relay-fleet.ts'
import type { RelayBlock } from '../../src/sim/server/relay-port.ts'

export const ADDRESS = '127.0.0.1'
export const network = new NodeNetwork(silentLogger)

export function startFleet(relays: number): Promise<RelayFleet> {
  return RelayFleet.start({ network, address: ADDRESS, relays, clock: systemClock, random: systemRandom })
}

/** The gateway's side of a call over the relays of a block. */
export function bindRelays(
  block: RelayBlock,
  dtlsFingerprint: string,
  overrides: Partial<RelaySetOptions> = {},
): RelaySet {
  const set = new RelaySet({
    candidates: relayCandidates(block),
    parties: { selfPid: block.selfPid, peerPid: block.peerPid, selfSsrc: 1, peerSsrc: 2 },
    connect: iceConnector({ localAddress: ADDRESS, dtlsFingerprint }),
    portPolicy: 'advertised',
    maxRelays: 4,
    connectTimeoutMs: 10_000,
    clock: systemClock,
    logger: silentLogger,
    ...overrides,
  })
  set.dial()
  return set
}

/** Resolves with the `count`-th event that `matches`. */
export function eventOf(set: RelaySet, matches: (event: RelaySetEvent) => boolean, count = 1): Promise<RelaySetEvent> {
  return new Promise((resolve) => {
    let left = count
    const stop = set.events.on((event) => {
      if (!matches(event)) return
      left -= 1
      if (left > 0) return
      stop()
      resolve(event)
    })
  })
}

export const registered = (set: RelaySet): Promise<RelaySetEvent> =>
  eventOf(set, (event) => event.type === 'registered', set.size)
