import { silentLogger } from '../../../src/base/logger.ts'
import { raisePriority } from '../../../src/cli/priority.ts'
import type { WhatsAppPlace } from '../../../src/gateway/open-account.ts'
import type { PhoneAudio } from '../../../src/sim/phone/media-port.ts'
import type { PhoneCall } from '../../../src/sim/phone/phone-call.ts'
import { cpuMs } from '../../interop/process-vitals.ts'
import { serve } from '../../interop/remote.ts'
import { openSimulatedWhatsApp, type SimulatedWhatsApp } from '../../interop/simulated-whatsapp.ts'
import { ownerNumber, phoneNumber } from './phone-numbers.ts'
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
  /** Resolves with where it is. Phone i has the number `phoneNumber(i)`; owner i of a gateway's account `ownerNumber(i)`. */
  readonly start: (plan: { readonly phones: number; readonly owners: number }) => Promise<WhatsAppPlace>
  /** Each owner scans a code. */
  readonly scan: (qrTexts: readonly string[]) => void
  readonly heard: () => readonly HeardCall[]
  readonly violations: () => readonly string[]
  readonly cpuMs: () => number
  readonly stop: () => Promise<void>
}

/** Voice and ear of a phone are the codecs' own; nothing is made of samples. */
const NO_SOUND: PhoneAudio = { speak: () => {}, hear: () => {} }

const calls: PhoneCall[] = []
const ears: RecordedEar[] = []
let whatsApp: SimulatedWhatsApp

/** Voices begin at different places in the text. */
function recordedCodecs() {
  const words = encodedSpeech()
  let voices = 0
  return {
    newEncoder: () => new RecordedVoice(words, 7 * voices++),
    newDecoder: () => {
      const ear = new RecordedEar()
      ears.push(ear)
      return ear
    },
  }
}

const actions: BusyWhatsAppActions = {
  start: async ({ phones, owners }) => {
    const names = Array.from({ length: phones }, (_, i) => ({ name: `phone ${i}`, number: phoneNumber(i) }))
    const others = Array.from({ length: owners }, (_, i) => {
      return { name: `owner ${i}`, number: ownerNumber(i), behaviour: { onCall: 'ignores' } } as const
    })
    whatsApp = await openSimulatedWhatsApp({
      log: silentLogger,
      phones: [...names, ...others],
      codecs: recordedCodecs(),
      openMedia: (open) => (options) => open({ ...options, audio: NO_SOUND }),
    })
    for (const { name } of names) whatsApp.simulator.phone(name).calls.on((call) => calls.push(call))
    return whatsApp.place
  },
  scan: (qrTexts) => {
    const { simulator } = whatsApp
    for (const [i, qrText] of qrTexts.entries()) simulator.scan(qrText, simulator.phone(`owner ${i}`))
  },
  heard: () =>
    calls.map((call, i) => ({
      state: call.state,
      packetsReceived: call.mediaStats?.packetsReceived ?? 0,
      framesConcealed: call.mediaStats?.framesConcealed ?? 0,
      pcm: ears[i]!.listen(),
    })),
  violations: () => whatsApp.simulator.violations.map((violation) => JSON.stringify(violation)),
  cpuMs,
  stop: () => whatsApp.close(),
}

raisePriority()
serve(actions)
