import type { CallRecord } from '../../bridge/call.ts'
import type { HeardPackets } from '../../sim/phone/media-port.ts'
import type { PhoneCall } from '../../sim/phone/phone-call.ts'
import { SPEECH_PAUSE_S } from '../../sim/speech.ts'
import { type Hearing, measureHearing, type TimedSound } from '../demo/hearing.ts'
import { PHONE_RATE_HZ } from '../demo/phone-media.ts'
import type { ScriptedCall } from '../demo/scripted-phone.ts'
import { narrowSpeech, type Stage, wideSpeech } from './stage.ts'

const PEER_RATE_HZ = 16_000
/** Less speech than this says nothing about intelligibility. */
const LEAST_SPEECH_S = 2.5
/** What was said last may not have been heard. */
const TAIL_S = 0.6
const LONGEST_DELAY_S = 2
const SPEECH_S = wideSpeech.length / PEER_RATE_HZ
const ROUND_S = SPEECH_S + SPEECH_PAUSE_S

/** What was measured; null where a scenario has no such figure. */
export interface Figures {
  /** From dialling to the final answer, of the first call that was answered, else of the first. */
  readonly setupMs: number | null
  /** From the answer to the first sample of the peer's speech at the desk phone. */
  readonly answerToAudioMs: number | null
  /** Of the last whole round of the speech, of the first one in short calls. */
  readonly stoiToPhone: number | null
  readonly stoiToPeer: number | null
  /** Packets that were missing when their time came, on the gateway's two legs. */
  readonly lost: number | null
  /** Sound that was made up there and at the peer. */
  readonly concealedMs: number | null
  /** Of the gateway's packets, those the peer restored from a copy. */
  readonly recovered: number | null
  /** Of the peer's packets, those the gateway restored from a copy. */
  readonly recoveredHere: number | null
  readonly rejected: number | null
  /** How long the peer was muted, as the call record says. */
  readonly mutedMs: number | null
  /** What the gateway sent to the peer, packets by kind. */
  readonly heard: HeardPackets | null
}

const FRAME_MS = 60

export function figuresOf(stage: Stage, records: readonly CallRecord[]): Figures {
  const answered = stage.phoneCalls.find(({ call }) => call.establishedMs !== undefined)?.call
  const call = answered ?? stage.phoneCalls[0]?.call
  const peer = [...stage.peerCalls.values()].flat().find(({ sound }) => sound.spokeFromMs !== undefined)
  const record = records.find(({ answeredAtMs }) => answeredAtMs !== undefined)
  const quality = record?.quality
  const hearing = answered && peer ? hearingOf(answered, peer) : undefined
  const stats = peer?.mediaStats
  return {
    setupMs: call ? rounded((call.establishedMs ?? call.endedMs ?? call.startedMs) - call.startedMs) : null,
    answerToAudioMs: hearing?.answerToAudioMs ?? null,
    stoiToPhone: hearing?.stoiToPhone ?? null,
    stoiToPeer: hearing?.stoiToPeer ?? null,
    lost: quality ? (quality.sip?.lost ?? 0) + (quality.whatsapp?.lost ?? 0) : null,
    concealedMs: quality
      ? rounded(
          (quality.sip?.concealedMs ?? 0) +
            (quality.whatsapp?.concealedMs ?? 0) +
            (stats?.framesConcealed ?? 0) * FRAME_MS,
        )
      : null,
    recovered: stats?.framesRecovered ?? null,
    recoveredHere: quality?.whatsapp?.recovered ?? null,
    rejected: quality ? (quality.sip?.rejected ?? 0) + (quality.whatsapp?.rejected ?? 0) : null,
    mutedMs: quality?.whatsapp?.mutedMs ?? null,
    heard: stats?.heard ?? null,
  }
}

function hearingOf(call: ScriptedCall, peer: PhoneCall) {
  const atPhone: Heard = { ...call.media.recording(), sampleRateHz: PHONE_RATE_HZ }
  const atPeer: Heard = { ...peer.sound.recording(), sampleRateHz: PEER_RATE_HZ }
  const heardS = Math.min(...[atPhone, atPeer].map(({ pcm, sampleRateHz }) => pcm.length / sampleRateHz)) - TAIL_S
  const seconds = Math.min(heardS, SPEECH_S)
  if (!(seconds >= LEAST_SPEECH_S)) return undefined
  const lastRound = Math.max(0, Math.floor(heardS / ROUND_S) - 1)
  const saidByPeer = { pcm: wideSpeech, sampleRateHz: PEER_RATE_HZ, startedAtMs: peer.sound.spokeFromMs }
  const saidByPhone = { pcm: narrowSpeech, sampleRateHz: PHONE_RATE_HZ, startedAtMs: call.media.spokeFromMs }
  const toPhone = (round: number) => hearingOfRound(round, seconds, saidByPeer, atPhone)
  const toPeer = (round: number) => hearingOfRound(round, seconds, saidByPhone, atPeer)
  const speaks = peer.sound.voice === 'speech'
  const firstHeardMs = () => (peer.sound.spokeFromMs ?? Number.NaN) + toPhone(0).oneWayMs
  return {
    stoiToPhone: speaks ? thousandths(toPhone(lastRound).stoi) : null,
    stoiToPeer: thousandths(toPeer(lastRound).stoi),
    answerToAudioMs: speaks ? rounded(firstHeardMs() - (call.establishedMs ?? Number.NaN)) : null,
  }
}

type Heard = Omit<TimedSound, 'startedAtMs'> & { readonly startedAtMs: number | undefined }

/** Who spoke said `said` over and over; of each round what was said in its first `seconds` counts. */
function hearingOfRound(round: number, seconds: number, said: Heard, heard: Heard): Hearing {
  const saidFromMs = (said.startedAtMs ?? Number.NaN) + round * ROUND_S * 1000
  const heardFromMs = heard.startedAtMs ?? Number.NaN
  const skippedMs = round === 0 ? 0 : Math.max(0, Math.floor(saidFromMs - heardFromMs))
  return measureHearing(
    part(said, 0, seconds, saidFromMs),
    part(heard, skippedMs / 1000, seconds + LONGEST_DELAY_S, heardFromMs + skippedMs),
  )
}

function part({ pcm, sampleRateHz }: Heard, fromS: number, seconds: number, startedAtMs: number): TimedSound {
  const from = Math.floor(fromS * sampleRateHz)
  return { pcm: pcm.subarray(from, from + Math.floor(seconds * sampleRateHz)), sampleRateHz, startedAtMs }
}

const rounded = (value: number) => Math.round(value)
const thousandths = (value: number) => Math.round(value * 1000) / 1000
