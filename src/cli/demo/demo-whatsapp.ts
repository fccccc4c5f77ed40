import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { systemRandom } from '../../base/random.ts'
import type { WhatsAppPlace } from '../../gateway/open-account.ts'
import type { Gateway } from '../../gateway.ts'
import { NodeNetwork } from '../../net/node-network.ts'
import { accountOwner, cast } from '../../sim/cast.ts'
import { phoneMedia } from '../../sim/media/phone-media.ts'
import { rehearseSpeech } from '../../sim/media/rehearsal.ts'
import { RelayFleet } from '../../sim/relay/relay-fleet.ts'
import { type Simulator, startSimulator } from '../../sim/simulator.ts'
import { newPhoneDecoder, newPhoneEncoder } from '../scenario/phone-codecs.ts'

/** A WhatsApp of one's own on loopback: the network with its cast, and its relays. */
export interface DemoWhatsApp {
  readonly simulator: Simulator
  readonly relays: RelayFleet
  readonly place: WhatsAppPlace
  stop(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const RELAYS = 3

export async function openDemoWhatsApp(log: Logger, clock: Clock): Promise<DemoWhatsApp> {
  await rehearseSpeech(newPhoneEncoder('mlow'), newPhoneDecoder())
  const network = new NodeNetwork(log)
  const relays = await RelayFleet.start({ network, address: LOOPBACK, relays: RELAYS, clock, random: systemRandom })
  const simulator = await startSimulator({
    address: LOOPBACK,
    clock,
    logger: log.child({ room: 'sim' }),
    account: accountOwner,
    phones: cast,
    relays,
    openMedia: phoneMedia({
      network,
      address: LOOPBACK,
      random: systemRandom,
      newEncoder: newPhoneEncoder,
      newDecoder: newPhoneDecoder,
      redundancy: 'on-loss',
    }),
  })
  return {
    simulator,
    relays,
    place: {
      webSocketUrl: simulator.waWebSocketUrl,
      noiseRoot: simulator.noiseRoot,
      relayFingerprint: relays.dtlsFingerprint,
      localAddress: LOOPBACK,
    },
    stop: async () => {
      await simulator.stop()
      await relays.close()
    },
  }
}

/** The owner scans the QR code as soon as it is shown. Resolves when calls can be made. */
export async function startPaired(gateway: Gateway, simulator: Simulator): Promise<void> {
  const client = gateway.account('main')?.client
  const isOpen = new Promise<void>((resolve) => {
    const off = client?.events.on((event) => {
      if (event.type === 'qr') simulator.scan(event.text)
      if (event.type !== 'state' || event.state !== 'open') return
      off?.()
      resolve()
    })
  })
  await gateway.start()
  await isOpen
}
