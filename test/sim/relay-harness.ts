import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { relayCandidates } from '../../src/relay/candidates.ts'
import { iceConnector } from '../../src/relay/ice-transport.ts'
import { rawConnector } from '../../src/relay/raw-transport.ts'
import { RelaySet, type RelaySetEvent, type RelaySetOptions } from '../../src/relay/relay-set.ts'
import { RelayFleet } from '../../src/sim/relay/relay-fleet.ts'
import type { RelayBlock } from '../../src/sim/server/relay-port.ts'

export const ADDRESS = '127.0.0.1'
const ADDRESS_6 = '::1'
/** The ways to reach relays that the gateway has. */
export type RelayMode = 'ice' | 'raw'
export const network = new NodeNetwork(silentLogger)

export function startFleet(relays: number, family: 4 | 6 = 4): Promise<RelayFleet> {
  const address = family === 4 ? ADDRESS : ADDRESS_6
  return RelayFleet.start({ network, address, relays, clock: systemClock, random: systemRandom })
}

/** The gateway's side of a call over the relays of a block. */
export function bindRelays(
  block: RelayBlock,
  dtlsFingerprint: string,
  overrides: Partial<RelaySetOptions> = {},
  mode: RelayMode = 'ice',
): RelaySet {
  const localAddress = overrides.addressFamily === 'ipv6' ? ADDRESS_6 : ADDRESS
  const set = new RelaySet({
    candidates: relayCandidates(block),
    parties: { selfPid: block.selfPid, peerPid: block.peerPid, selfSsrcs: [1, 2, 3, 4, 5, 6, 7, 8, 9], peerSsrc: 2 },
    connect:
      mode === 'ice'
        ? iceConnector({ localAddress, dtlsFingerprint })
        : rawConnector({ network, localAddress, dtlsFingerprint }),
    portPolicy: 'advertised',
    addressFamily: 'ipv4',
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
