import { systemClock } from '../../src/base/clock.ts'
import type { Logger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { WhatsAppPlace } from '../../src/gateway/open-account.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { accountOwner } from '../../src/sim/cast.ts'
import { type PhoneMediaSettings, phoneMedia } from '../../src/sim/media/phone-media.ts'
import type { OpenPhoneMedia } from '../../src/sim/phone/media-port.ts'
import { RelayFleet } from '../../src/sim/relay/relay-fleet.ts'
import { type PhonePlan, type Simulator, startSimulator } from '../../src/sim/simulator.ts'

const LOOPBACK = '127.0.0.1'
const RELAYS = 3

export interface WhatsAppPlan {
  readonly log: Logger
  readonly phones: readonly PhonePlan[]
  /** That a call is offered; as many as WhatsApp offers when left out. */
  readonly relays?: number | undefined
  readonly codecs: Pick<PhoneMediaSettings, 'newEncoder' | 'newDecoder'>
  /** What phones do besides. */
  readonly openMedia?: (open: OpenPhoneMedia) => OpenPhoneMedia
}

/** The simulated WhatsApp over loopback, for a process that has nothing else to do. */
export interface SimulatedWhatsApp {
  readonly simulator: Simulator
  readonly place: WhatsAppPlace
  close(): Promise<void>
}

export async function openSimulatedWhatsApp(plan: WhatsAppPlan): Promise<SimulatedWhatsApp> {
  const { log, phones, codecs, openMedia = (open) => open } = plan
  const settings = { network: new NodeNetwork(log), address: LOOPBACK, random: systemRandom }
  const relays = await RelayFleet.start({ ...settings, clock: systemClock, relays: plan.relays ?? RELAYS })
  const simulator = await startSimulator({
    address: LOOPBACK,
    logger: log,
    account: accountOwner,
    phones,
    relays,
    openMedia: openMedia(phoneMedia({ ...settings, ...codecs })),
  })
  return {
    simulator,
    place: {
      webSocketUrl: simulator.waWebSocketUrl,
      noiseRoot: simulator.noiseRoot,
      relayFingerprint: relays.dtlsFingerprint,
      localAddress: LOOPBACK,
    },
    close: async () => {
      await simulator.stop()
      await relays.close()
    },
  }
}
