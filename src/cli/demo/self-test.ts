import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { CallRecord } from '../../bridge/call.ts'
import { resampleWhole } from '../../media/measure/rational-resample.ts'
import { accountOwner } from '../../sim/cast.ts'
import type { PhoneCall } from '../../sim/phone/phone-call.ts'
import { speech } from '../../sim/speech.ts'
import type { DemoHouse } from './demo-house.ts'
import { type Hearing, measureHearing, type TimedSound } from './hearing.ts'
import { PHONE_RATE_HZ } from './phone-media.ts'
import type { ScriptedCall, ScriptedPhone } from './scripted-phone.ts'

/** One line of the report. Milliseconds; null where the call has no such figure. */
export interface SelfTestCall {
  readonly name: string
  readonly direction: 'outbound' | 'inbound'
  readonly ok: boolean
  /** From INVITE to the final answer; inbound from the WhatsApp phone's dialling to its answer. */
  readonly setupMs: number | null
  /** From the answer to the first sample of the other side's speech. */
  readonly answerToAudioMs: number | null
  /** The longer one of the two directions. */
  readonly oneWayMs: number | null
  readonly stoiToSip: number | null
  readonly stoiToWhatsApp: number | null
  readonly sipCause: number
  /** Frames that either side of the gateway, or the WhatsApp phone, had to conceal. */
  readonly lostFrames: number
  /** The longest time within it that this process, with everybody in it, did not run: what a busy machine is known by. */
  readonly stoodStillMs: number | null
}

export interface SelfTestReport {
  readonly ok: boolean
  readonly calls: readonly SelfTestCall[]
  /** What the simulated network found wrong with the gateway's stanzas. */
  readonly violations: readonly string[]
}

/** Of the cast's range, and nobody's. */
export const UNKNOWN_NUMBER = '491713920099'

/** What an answered call must reach. */
const LEAST_STOI = 0.9
const MOST_ONE_WAY_MS = 200
/** Silence after the speech, so that its end is heard too. */
const TAIL_MS = 600
const RATE_HZ = 16_000

/** Listening to a call is a second of work: it waits until all calls are over. */
type Judgement = () => SelfTestCall

/** Makes real calls through the whole path, with the phone as caller and callee, and measures them. */
export class SelfTest {
  readonly #house: DemoHouse
  readonly #phone: ScriptedPhone
  readonly #wideSpeech = speech()
  readonly #narrowSpeech = Float32Array.from(resampleWhole(this.#wideSpeech, RATE_HZ, PHONE_RATE_HZ))
  readonly #records = new Map<string, CallRecord>()

  constructor(house: DemoHouse, phone: ScriptedPhone) {
    this.#house = house
    this.#phone = phone
    house.gateway.callChanged.on((record) => this.#records.set(record.correlationId, record))
  }

  async run(): Promise<SelfTestReport> {
    await this.#phone.register()
    // Rings for as long as the gateway lets it, so it runs beside the others.
    const noAnswer = this.#refused('no answer', 'never', 480)
    const made = [
      await this.#refused('busy', 'busy', 486),
      await this.#refused('declined', 'declines', 603),
      await this.#refused('unknown number', UNKNOWN_NUMBER, 404),
      await this.#cancelled(),
      await this.#answered('outbound answered', 'talker'),
      await this.#inbound(),
      await this.#answered('answered on second device', 'second-device'),
      await this.#hungUpByWhatsApp(),
      await noAnswer,
    ]
    const calls = made.map((judge) => rounded(judge()))
    const violations = this.#house.simulator.violations.map((violation) => JSON.stringify(violation))
    return { ok: calls.every((call) => call.ok) && violations.length === 0, calls, violations }
  }

  /** The phone dials, both sides speak at once, the phone hangs up. */
  async #answered(name: string, callee: string): Promise<Judgement> {
    const theirs = this.#nextCallOf(callee)
    const standstill = watchStandstill()
    const call = (await this.#phone.dial(this.#numberOf(callee))).willSay(this.#narrowSpeech)
    await Promise.race([call.established, call.ended])
    if (call.establishedMs === undefined) return this.#failed(name, 'outbound', call)
    const other = await theirs
    await this.#speechOver()
    call.hangUp()
    await call.ended
    return this.#report(name, 'outbound', call, other, (call.establishedMs ?? 0) - call.startedMs, standstill)
  }

  /** A WhatsApp phone dials the account, the desk phone answers, WhatsApp hangs up. */
  async #inbound(): Promise<Judgement> {
    const startedMs = this.#house.clock.nowMs()
    const standstill = watchStandstill()
    const expected = this.#phone.expectCall(200)
    const caller = this.#house.simulator.phone('talker')
    const other = caller.call(accountOwner.number)
    const up = new Promise<number>((resolve) =>
      other.events.on((event) => event.type === 'up' && resolve(this.#house.clock.nowMs())),
    )
    const call = (await expected).willSay(this.#narrowSpeech)
    const upMs = await up
    await this.#speechOver()
    other.hangUp()
    await call.ended
    return this.#report('inbound answered', 'inbound', call, other, upMs - startedMs, standstill)
  }

  async #hungUpByWhatsApp(): Promise<Judgement> {
    const call = await this.#phone.dial(this.#numberOf('hangs-up'))
    const end = await call.ended
    const setupMs = call.establishedMs === undefined ? null : call.establishedMs - call.startedMs
    const ok = setupMs !== null && end.by === 'remote' && end.status === 200
    return this.#close(call, () => ({ ...EMPTY, name: 'hung up by WhatsApp', setupMs, sipCause: end.status, ok }))
  }

  async #refused(name: string, callee: string, status: number): Promise<Judgement> {
    const call = await this.#phone.dial(this.#numberOf(callee))
    const end = await call.ended
    const ok = end.status === status
    const setupMs = (call.endedMs ?? 0) - call.startedMs
    return this.#close(call, () => ({ ...EMPTY, name, setupMs, sipCause: end.status, ok }))
  }

  async #cancelled(): Promise<Judgement> {
    const callee = this.#house.simulator.phone('calls-back')
    const usual = callee.behaviour
    callee.behaviour = { ...usual, onCall: 'ignores' }
    const theirs = new Promise<PhoneCall>((resolve) => {
      const off = callee.calls.on((call) => {
        off()
        resolve(call)
      })
    })
    const call = await this.#phone.dial(this.#numberOf('calls-back'))
    const other = await theirs
    await call.ringing
    const over = new Promise<void>((resolve) => other.events.on((event) => event.type === 'over' && resolve()))
    call.hangUp()
    const end = await call.ended
    await over
    callee.behaviour = usual
    const setupMs = (call.endedMs ?? 0) - call.startedMs
    const ok = end.status === 487 && other.overReason === 'ended'
    return this.#close(call, () => ({ ...EMPTY, name: 'cancelled by the phone', setupMs, sipCause: end.status, ok }))
  }

  async #report(
    name: string,
    direction: SelfTestCall['direction'],
    call: ScriptedCall,
    other: PhoneCall,
    setupMs: number,
    standstill: IntervalHistogram,
  ): Promise<Judgement> {
    const stoodStillMs = standstill.max / 1e6
    standstill.disable()
    const end = await call.ended
    const lostFrames = (await this.#lostFrames()) + (other.mediaStats?.framesConcealed ?? 0)
    return this.#close(call, () => {
      const toSip = this.#hearing(this.#saidBy(other), this.#heardBy(call))
      const toWhatsApp = this.#hearing(this.#saidByPhone(call), this.#heardByWhatsApp(other))
      const oneWayMs = Math.max(toSip.oneWayMs, toWhatsApp.oneWayMs)
      const firstSpeechMs = (other.sound.spokeFromMs ?? Number.NaN) + toSip.oneWayMs
      const isHeard = toSip.stoi >= LEAST_STOI && toWhatsApp.stoi >= LEAST_STOI
      return {
        ...EMPTY,
        name,
        direction,
        ok: isHeard && oneWayMs <= MOST_ONE_WAY_MS && end.status === 200,
        setupMs,
        answerToAudioMs: firstSpeechMs - (call.establishedMs ?? Number.NaN),
        oneWayMs,
        stoiToSip: toSip.stoi,
        stoiToWhatsApp: toWhatsApp.stoi,
        sipCause: end.status,
        lostFrames,
        stoodStillMs,
      }
    })
  }

  async #failed(name: string, direction: SelfTestCall['direction'], call: ScriptedCall): Promise<Judgement> {
    const end = await call.ended
    return this.#close(call, () => ({ ...EMPTY, name, direction, ok: false, sipCause: end.status }))
  }

  async #close(call: ScriptedCall, judge: Judgement): Promise<Judgement> {
    await call.close()
    return judge
  }

  /** Frames concealed on either leg of the call that began last. Its record closes a moment after the phone has hung up. */
  async #lostFrames(): Promise<number> {
    const { correlationId } = [...this.#records.values()].at(-1)!
    const quality = await new Promise<CallRecord['quality']>((resolve) => {
      const settle = ({ state, quality }: CallRecord) => state === 'ended' && resolve(quality)
      settle(this.#records.get(correlationId)!)
      this.#house.gateway.callChanged.on((record) => record.correlationId === correlationId && settle(record))
    })
    return (quality?.sip?.lost ?? 0) + (quality?.whatsapp?.lost ?? 0)
  }

  #hearing(said: TimedSound, heard: TimedSound | undefined): Hearing {
    if (!heard || heard.pcm.length === 0) return { stoi: 0, oneWayMs: Number.POSITIVE_INFINITY }
    return measureHearing(said, heard)
  }

  #saidBy(call: PhoneCall): TimedSound {
    return { pcm: this.#wideSpeech, sampleRateHz: RATE_HZ, startedAtMs: call.sound.spokeFromMs ?? Number.NaN }
  }

  #saidByPhone(call: ScriptedCall): TimedSound {
    return { pcm: this.#narrowSpeech, sampleRateHz: PHONE_RATE_HZ, startedAtMs: call.media.spokeFromMs ?? Number.NaN }
  }

  #heardBy(call: ScriptedCall): TimedSound | undefined {
    const { pcm, startedAtMs } = call.media.recording()
    return startedAtMs === undefined ? undefined : { pcm, sampleRateHz: PHONE_RATE_HZ, startedAtMs }
  }

  #heardByWhatsApp(call: PhoneCall): TimedSound | undefined {
    const { pcm, startedAtMs } = call.sound.recording()
    return startedAtMs === undefined ? undefined : { pcm, sampleRateHz: RATE_HZ, startedAtMs }
  }

  /** The next call that the phone takes. */
  #nextCallOf(name: string): Promise<PhoneCall> {
    return new Promise((resolve) => {
      const off = this.#house.simulator.phone(name).calls.on((call) => {
        call.events.on((event) => {
          if (event.type !== 'up') return
          off()
          resolve(call)
        })
      })
    })
  }

  #numberOf(nameOrNumber: string): string {
    if (/^\d+$/.test(nameOrNumber)) return `+${nameOrNumber}`
    return `+${this.#house.simulator.phone(nameOrNumber).user.number}`
  }

  async #speechOver(): Promise<void> {
    const lengthMs = (this.#wideSpeech.length * 1000) / RATE_HZ
    await new Promise<void>((resolve) => this.#house.clock.after(lengthMs + TAIL_MS, resolve))
  }
}

function watchStandstill(): IntervalHistogram {
  const loopDelay = monitorEventLoopDelay({ resolution: 1 })
  loopDelay.enable()
  return loopDelay
}

const EMPTY: SelfTestCall = {
  name: '',
  direction: 'outbound',
  ok: false,
  setupMs: null,
  answerToAudioMs: null,
  oneWayMs: null,
  stoiToSip: null,
  stoiToWhatsApp: null,
  sipCause: 0,
  lostFrames: 0,
  stoodStillMs: null,
}

function rounded(call: SelfTestCall): SelfTestCall {
  const whole = (value: number | null) => (value === null ? null : Math.round(value))
  const thousandths = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000)
  return {
    ...call,
    setupMs: whole(call.setupMs),
    answerToAudioMs: whole(call.answerToAudioMs),
    oneWayMs: whole(call.oneWayMs),
    stoiToSip: thousandths(call.stoiToSip),
    stoiToWhatsApp: thousandths(call.stoiToWhatsApp),
    stoodStillMs: whole(call.stoodStillMs),
  }
}
