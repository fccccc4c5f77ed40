import { createHash } from 'node:crypto'
import { VirtualClock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { type Random, seededRandom } from '../../base/random.ts'
import type { Tracer } from '../../base/tracer.ts'
import { configFrom } from '../../config/load.ts'
import { Gateway } from '../../gateway.ts'
import { OpusDecoder } from '../../media/codecs/opus/opus.ts'
import { SpeexResampler } from '../../media/resample/speex-resampler.ts'
import { MemoryNetwork } from '../../net/memory-network.ts'
import type { Endpoint } from '../../net/network.ts'
import { DriftingClock } from '../../sim/media/drifting-clock.ts'
import { phoneMedia } from '../../sim/media/phone-media.ts'
import { RelayFleet } from '../../sim/relay/relay-fleet.ts'
import { startSimulator } from '../../sim/simulator.ts'
import { ScriptedPhone } from '../demo/scripted-phone.ts'
import { bareConnector } from './bare-transport.ts'
import { CallPairs } from './call-pairs.ts'
import { CallRecords } from './call-records.ts'
import { type Holdings, type House, SIP_USER } from './house.ts'
import { InProcessClient } from './in-process-client.ts'
import { LAST_TIMERS_MS } from './left-behind.ts'
import { newPhoneDecoder, newPhoneEncoder } from './phone-codecs.ts'
import type { LinkName, Links, Scenario } from './schema.ts'
import { accountsOf, applyRelays, applyServer, gatewayConfig, ownerPlan, phonePlans } from './settings.ts'
import { TracedFigures } from './traced-figures.ts'

/** Who is where on the network in memory, so that each way has conditions of its own. */
const ADDRESS = {
  deskPhone: '127.0.0.1',
  gatewayToSip: '127.0.0.4',
  gatewayToRelays: '127.0.0.2',
  peers: '127.0.0.3',
} as const
const RELAY_NETWORK = { ipv4: '127.0.1.', ipv6: 'fd00::1:' } as const
/** Clocks begin at a time when no limit by the hour of the day applies. */
const NOON = Date.UTC(2026, 5, 1, 12)
const STEP_MS = 10
const CLOSING_MS = 60_000

/** Everything at the time of a clock that only moves when something waits for it: an hour takes what its work takes. */
export async function openVirtualHouse(
  scenario: Scenario,
  log: Logger,
  seed: number,
  dataDirectory: string,
): Promise<House> {
  await loadWebAssembly()
  const clock = new VirtualClock(NOON)
  const network = new MemoryNetwork(clock, chanceOf(seed, 'network'))
  const links = { ...scenario.network }
  network.faultsBetween = (from, to) => links[linkBetween(from, to)]
  const relays = await openFleet(scenario, network, clock, chanceOf(seed, 'relays'))
  const simulator = await startSimulator({
    address: 'none',
    clock,
    random: chanceOf(seed, 'whatsapp'),
    logger: log.child({ room: 'sim' }),
    account: ownerPlan,
    phones: phonePlans(scenario),
    relays,
    openMedia: phoneMedia({
      network,
      address: ADDRESS.peers,
      random: chanceOf(seed, 'peers'),
      newEncoder: newPhoneEncoder,
      newDecoder: newPhoneDecoder,
      redundancy: 'on-loss',
      elected: () => relays.elected,
      driftPpm: scenario.driftPpm,
    }),
  })
  applyServer(simulator, scenario.server)
  applyRelays(relays, scenario.relays)
  const config = configFrom(gatewayConfig(scenario, dataDirectory, ADDRESS.gatewayToSip))
  const companions = new Map(
    accountsOf(scenario).map(({ name, owner }) => [name, simulator.linkCompanion(simulator.phone(owner))]),
  )
  const pairs = new CallPairs()
  const gatewayRandom = chanceOf(seed, 'gateway')
  const traced = new TracedFigures()
  const gateway = new Gateway(config, {
    log: log.child({ side: 'gateway' }),
    product: 'Tandem/scenario',
    network,
    clock,
    random: gatewayRandom,
    tracer: bothOf(pairs, traced),
    inProcess: {
      openClient: (name) => new InProcessClient({ companion: companions.get(name)!, clock, random: gatewayRandom }),
      connectRelay: bareConnector({ network, localAddress: ADDRESS.gatewayToRelays, clock, random: gatewayRandom }),
    },
  })
  const pass = async (isDone: () => boolean, limitMs: number) => {
    const untilMs = clock.nowMs() + limitMs
    while (!isDone() && clock.nowMs() < untilMs) await clock.advance(STEP_MS)
    return isDone()
  }
  const within = async (work: Promise<void>, limitMs: number) => {
    let isOver = false
    const over = work.finally(() => {
      isOver = true
    })
    over.catch(() => undefined)
    if (!(await pass(() => isOver, limitMs))) throw new Error('the house does not end')
    return over
  }
  const records = new CallRecords()
  gateway.callChanged.on((record) => records.note(record))
  let missed = 0
  for (const name of companions.keys()) gateway.account(name)?.calls.missed.on(() => (missed += 1))
  await gateway.start()
  const phone = new ScriptedPhone(
    { ...SIP_USER, registrar: `${ADDRESS.gatewayToSip}:${gateway.sipListening[0]?.port}` },
    network,
    log.child({ side: 'phone' }),
    new DriftingClock(clock, scenario.phone.driftPpm),
  )
  if (scenario.phone.registers) await within(phone.register(), CLOSING_MS)
  // The transactions of the registration, so that what a call adds is seen.
  await clock.advance(LAST_TIMERS_MS)
  const holdings = (): Holdings => {
    const { sessions, dialogs, clientTransactions, serverTransactions } = gateway.sipStats()
    // An account that may not connect yet waits for that, and not for a call.
    const waits = [...companions.keys()].filter((name) => gateway.account(name)?.client.retryAfterS !== undefined)
    return {
      sockets: network.openSockets,
      timers: clock.pendingTimers - waits.length,
      'SIP sessions': sessions,
      'SIP dialogs': dialogs,
      'SIP transactions': clientTransactions + serverTransactions,
    }
  }
  const close = async () => {
    await within(phone.stop(), CLOSING_MS)
    await within(gateway.stop(), CLOSING_MS)
    await within(simulator.stop(), CLOSING_MS)
    await within(relays.close(), CLOSING_MS)
    // Datagrams on their way, and what the last ones are answered with.
    await clock.advance(CLOSING_MS)
    return leftovers({ timers: clock.pendingTimers, sockets: network.openSockets })
  }
  return {
    clock,
    gateway,
    simulator,
    relays,
    relayAddress: ADDRESS.gatewayToRelays,
    phone,
    accounts: [...companions.keys()],
    records,
    pairs,
    missed: () => missed,
    traced,
    setLinks: (changed: Links) => void Object.assign(links, changed),
    pass,
    holdings,
    close,
  }
}

/**
 * The first codec of a process waits for its WebAssembly to be compiled, in the machine's time; later ones are made at
 * once. So both modules are there before the clock moves.
 */
async function loadWebAssembly(): Promise<void> {
  const decoder = await OpusDecoder.create(16_000)
  decoder.close()
  const resampler = await SpeexResampler.create(8000, 16_000, 160)
  resampler.close()
}

function bothOf(...tracers: readonly Tracer[]): Tracer {
  return {
    isOn: tracers.some(({ isOn }) => isOn),
    record: (event) => {
      for (const tracer of tracers) tracer.record(event)
    },
  }
}

/** One source for each part, so that what one draws does not change what another gets. */
function chanceOf(seed: number, part: string): Random {
  return seededRandom(createHash('sha256').update(`${seed} ${part}`).digest().readUInt32BE())
}

function openFleet(scenario: Scenario, network: MemoryNetwork, clock: VirtualClock, random: Random) {
  const { count, ports, addressFamily } = scenario.relays
  const { advertises, warpMiTagLength, hbhKey, authTokens, listsForeign, marksFna } = scenario.relays
  const places = Array.from({ length: count }, (_, index) => ({
    address: `${RELAY_NETWORK[addressFamily]}${index + 1}`,
    port: ports[index] ?? 3478,
  }))
  const form = { advertises, warpMiTagLength, hbhKey, authTokens, listsForeign, marksFna }
  return RelayFleet.start({ network, address: '', relays: count, clock, random, places, form })
}

function linkBetween(from: Endpoint, to: Endpoint): LinkName {
  if (from.address === ADDRESS.deskPhone) return 'phoneToGateway'
  if (to.address === ADDRESS.deskPhone) return 'gatewayToPhone'
  if (from.address === ADDRESS.gatewayToRelays) return 'gatewayToRelay'
  if (to.address === ADDRESS.gatewayToRelays) return 'relayToGateway'
  return from.address === ADDRESS.peers ? 'peerToRelay' : 'relayToPeer'
}

function leftovers(counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what} left`]))
}
