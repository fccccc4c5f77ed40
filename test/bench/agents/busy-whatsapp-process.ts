import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { raisePriority } from '../../../src/cli/priority.ts'
import type { WhatsAppPlace } from '../../../src/gateway/open-account.ts'
import { NodeNetwork } from '../../../src/net/node-network.ts'
import { accountOwner } from '../../../src/sim/cast.ts'
import { phoneMedia } from '../../../src/sim/media/phone-media.ts'
import type { PhoneAudio } from '../../../src/sim/phone/media-port.ts'
import type { PhoneCall } from '../../../src/sim/phone/phone-call.ts'
import { RelayFleet } from '../../../src/sim/relay/relay-fleet.ts'
import { type Simulator, startSimulator } from '../../../src/sim/simulator.ts'
import { serve } from '../../interop/remote.ts'
import { phoneNumber } from './phone-numbers.ts'
import { encodedSpeech, RecordedEar, RecordedVoice } from './recorded-voice.ts'

/** A simulated WhatsApp with many phones that answer and speak, in a process of its own. */

export interface HeardCall {
  readonly state: string
  readonly packetsReceived: number
  readonly framesConcealed: number
  /** The last seconds, 16 kHz. */
  readonly pcm: Float32Array
}

export interface BusyWhatsAppActions {
  /** Resolves with where it is. Phone i has the number `phoneNumber(i)`. */
  readonly start: (phones: number) => Promise<WhatsAppPlace>
  readonly scan: (qrText: string) => void
  readonly heard: () => readonly HeardCall[]
  readonly violations: () => readonly string[]
  readonly cpuMs: () => number
  readonly stop: () => Promise<void>
}

const LOOPBACK = '127.0.0.1'
const RELAYS = 3
/** Voice and ear of a phone are the codecs' own; nothing is made of samples. */
const NO_SOUND: PhoneAudio = { speak: () => {}, hear: () => {} }

const network = new NodeNetwork(silentLogger)
const calls: PhoneCall[] = []
const ears: RecordedEar[] = []
let relays: RelayFleet
let simulator: Simulator

const actions: BusyWhatsAppActions = {
  start: async (phones) => {
    const words = encodedSpeech()
    let voices = 0
    const settings = { network, address: LOOPBACK, clock: systemClock, random: systemRandom }
    relays = await RelayFleet.start({ ...settings, relays: RELAYS })
    const openMedia = phoneMedia({
      ...settings,
      newEncoder: () => new RecordedVoice(words, 7 * voices++),
      newDecoder: () => {
        const ear = new RecordedEar()
        ears.push(ear)
        return ear
      },
    })
    const names = Array.from({ length: phones }, (_, i) => ({ name: `phone ${i}`, number: phoneNumber(i) }))
    simulator = await startSimulator({
      address: LOOPBACK,
      account: accountOwner,
      phones: names,
      relays,
      openMedia: (options) => openMedia({ ...options, audio: NO_SOUND }),
    })
    for (const { name } of names) simulator.phone(name).calls.on((call) => calls.push(call))
    return {
      webSocketUrl: simulator.waWebSocketUrl,
      noiseRoot: simulator.noiseRoot,
      relayFingerprint: relays.dtlsFingerprint,
      localAddress: LOOPBACK,
    }
  },
  scan: (qrText) => simulator.scan(qrText),
  heard: () =>
    calls.map((call, i) => ({
      state: call.state,
      packetsReceived: call.mediaStats?.packetsReceived ?? 0,
      framesConcealed: call.mediaStats?.framesConcealed ?? 0,
      pcm: ears[i]!.listen(),
    })),
  violations: () => simulator.violations.map((violation) => JSON.stringify(violation)),
  cpuMs: () => (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  stop: async () => {
    await simulator.stop()
    await relays.close()
  },
}

raisePriority()
serve(actions)
