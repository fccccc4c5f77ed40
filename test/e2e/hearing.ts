import { type Hearing, measureHearing } from '../../src/cli/demo/hearing.ts'
import { PHONE_RATE_HZ } from '../../src/cli/demo/phone-media.ts'
import type { ScriptedCall } from '../../src/cli/demo/scripted-phone.ts'
import { resampleWhole } from '../../src/media/measure/rational-resample.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import { speech } from '../../src/sim/speech.ts'

const WHATSAPP_RATE_HZ = 16_000
/** Silence after the speech, so that its end is heard too. */
const TAIL_MS = 600

/** What both sides say. */
const wideSpeech = speech()
export const narrowSpeech = Float32Array.from(resampleWhole(wideSpeech, WHATSAPP_RATE_HZ, PHONE_RATE_HZ))

/** Waits until speech that began now has been said and heard. */
export function speechOver(): Promise<void> {
  const lengthMs = (wideSpeech.length * 1000) / WHATSAPP_RATE_HZ
  return new Promise((resolve) => setTimeout(resolve, lengthMs + TAIL_MS))
}

/** How the desk phone heard WhatsApp. */
export function hearingAtPhone(call: ScriptedCall, other: PhoneCall): Hearing {
  const { startedAtMs = Number.NaN, pcm } = call.media.recording()
  return measureHearing(
    { pcm: wideSpeech, sampleRateHz: WHATSAPP_RATE_HZ, startedAtMs: other.sound.spokeFromMs ?? Number.NaN },
    { pcm, sampleRateHz: PHONE_RATE_HZ, startedAtMs },
  )
}

/** How WhatsApp heard the desk phone. */
export function hearingAtWhatsApp(call: ScriptedCall, other: PhoneCall): Hearing {
  const { startedAtMs = Number.NaN, pcm } = other.sound.recording()
  return measureHearing(
    { pcm: narrowSpeech, sampleRateHz: PHONE_RATE_HZ, startedAtMs: call.media.spokeFromMs ?? Number.NaN },
    { pcm, sampleRateHz: WHATSAPP_RATE_HZ, startedAtMs },
  )
}
