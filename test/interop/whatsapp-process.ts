import { systemClock } from '../../src/base/clock.ts'
import { raisePriority } from '../../src/cli/priority.ts'
import type { WhatsAppPlace } from '../../src/gateway/open-account.ts'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { createLogger } from '../../src/ops/log.ts'
import { accountOwner, cast } from '../../src/sim/cast.ts'
import { rehearseSpeech } from '../../src/sim/media/rehearsal.ts'
import type { PhoneBehaviour } from '../../src/sim/phone/behaviour.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import { speech } from '../../src/sim/speech.ts'
import { cpuMs, watchStalls } from './process-vitals.ts'
import { serve } from './remote.ts'
import { openSimulatedWhatsApp, type SimulatedWhatsApp } from './simulated-whatsapp.ts'

/** The simulated WhatsApp in a process of its own, so that it takes no time away from the gateway under test. */

const RATE_HZ = 16_000
const TAIL_MS = 600

/** What a phone of the network knows of its latest call. */
export interface CallAccount {
  readonly state: string
  readonly overReason: string | undefined
  /** 16 kHz. */
  readonly heard: Float32Array
  readonly packetsReceived: number
  readonly packetsRejected: number
}

export interface WhatsAppActions {
  /** `relays` is how many a call is offered, if not as many as WhatsApp offers. */
  readonly start: (relays: number | undefined) => Promise<WhatsAppPlace>
  readonly scan: (qrText: string) => void
  readonly behave: (change: { phone: string; behaviour: Partial<PhoneBehaviour> }) => void
  readonly call: (caller: string) => void
  readonly hangUp: (phone: string) => void
  /** Resolves when the phone has said its speech once in its latest call, and the last of it has been heard. */
  readonly waitForSpeech: (phone: string) => Promise<void>
  /** How the phone's calls have ended so far (`PhoneCallOver`). */
  readonly ends: (phone: string) => readonly string[]
  readonly latestCall: (phone: string) => CallAccount | undefined
  readonly violations: () => readonly string[]
  readonly cpuMs: () => number
  /** The longest time that the event loop was late since this was last asked. */
  readonly longestStallMs: () => number
  readonly stop: () => Promise<void>
}

const log = createLogger({ level: 'info', format: 'json' })
const longestStallMs = watchStalls()
const latest = new Map<string, PhoneCall>()
const ends = new Map<string, string[]>()
let whatsApp: SimulatedWhatsApp

const actions: WhatsAppActions = {
  start: async (relays) => {
    await rehearseSpeech(new MlowEncoder(), new MlowDecoder())
    const codecs = { newEncoder: () => new MlowEncoder(), newDecoder: () => new MlowDecoder() }
    whatsApp = await openSimulatedWhatsApp({ log, phones: cast, relays, codecs })
    for (const { name } of cast) whatsApp.simulator.phone(name).calls.on((call) => watch(name, call))
    return whatsApp.place
  },
  scan: (qrText) => whatsApp.simulator.scan(qrText),
  behave: ({ phone, behaviour }) => {
    const target = whatsApp.simulator.phone(phone)
    target.behaviour = { ...target.behaviour, ...behaviour }
  },
  call: (caller) => void whatsApp.simulator.phone(caller).call(accountOwner.number),
  hangUp: (phone) => latest.get(phone)?.hangUp(),
  waitForSpeech: (phone) => {
    const startedMs = latest.get(phone)?.sound.spokeFromMs ?? systemClock.nowMs()
    const endMs = startedMs + (speech().length * 1000) / RATE_HZ + TAIL_MS
    return new Promise((resolve) => void systemClock.after(endMs - systemClock.nowMs(), resolve))
  },
  ends: (phone) => ends.get(phone) ?? [],
  latestCall: (phone) => {
    const call = latest.get(phone)
    return (
      call && {
        state: call.state,
        overReason: call.overReason,
        heard: call.sound.recording().pcm,
        packetsReceived: call.mediaStats?.packetsReceived ?? 0,
        packetsRejected: call.mediaStats?.packetsRejected ?? 0,
      }
    )
  },
  violations: () => whatsApp.simulator.violations.map((violation) => JSON.stringify(violation)),
  cpuMs,
  longestStallMs,
  stop: () => whatsApp.close(),
}

function watch(name: string, call: PhoneCall): void {
  latest.set(name, call)
  call.events.on((event) => {
    if (event.type === 'over') ends.set(name, [...(ends.get(name) ?? []), event.reason])
  })
}

// Phones and relays of real people do not wait for a test machine.
raisePriority()
serve(actions)
