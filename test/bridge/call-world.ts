import { expect } from 'vitest'
import { Signal } from '../../src/base/events.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { Call, type CallRecord } from '../../src/bridge/call.ts'
import { ForkedLeg } from '../../src/bridge/forked-leg.ts'
import type { Leg, LegEvent, Transfer } from '../../src/bridge/leg.ts'
import { transferBetween } from '../../src/bridge/sip-transfer.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import type { TransferRequest } from '../../src/sip/sip-engine.ts'

export type Kind = 'dials' | 'calls' | 'links'

/** What a leg does as soon as it is told anything: nothing, fail, or (when answered) be up. */
export type Temper = 'patient' | 'fails' | 'prompt'

/** A leg that keeps the contract of `Leg`, and insists that others do. */
export class ModelLeg implements Leg {
  readonly number: number
  readonly side: Leg['side']
  readonly events = new Signal<LegEvent>()
  readonly audio: AudioSource = { pull: (out) => out.fill(this.number) }
  readonly faults: string[] = []
  heard: AudioSource | undefined
  isOver = false
  isUp = false
  readonly #temper: Temper
  #ends = 0

  constructor(number: number, side: Leg['side'], temper: Temper) {
    this.number = number
    this.side = side
    this.#temper = temper
  }

  /** Its far end says something, unless it is gone. */
  says(event: LegEvent): void {
    if (this.isOver) return
    if (event.type === 'ended') this.isOver = true
    if (event.type === 'answered') this.isUp = true
    this.events.emit(event)
  }

  /** Something that was on its way when others ended the leg. */
  saysLate(event: LegEvent): void {
    this.events.emit(event)
  }

  /** Others have ended it. */
  get isEnded(): boolean {
    return this.#ends > 0
  }

  ring() {
    this.#told('ring')
  }
  answer() {
    this.#told('answer')
    if (this.#temper === 'prompt') this.says({ type: 'answered' })
  }
  listenTo(source: AudioSource) {
    this.heard = source
  }
  hold() {
    this.#told('hold')
  }
  dtmf() {
    this.#told('dtmf')
  }
  quality() {
    return undefined
  }
  async end() {
    this.#ends++
    if (this.#ends > 1) this.faults.push('ended again')
    this.isOver = true
  }

  #told(what: string): void {
    if (this.isOver) this.faults.push(`${what} after its end`)
    if (this.#temper === 'fails') this.says({ type: 'ended', cause: 'media-timeout' })
  }
}

/** One of the two calls, and what it has said of itself. */
interface Told {
  readonly call: Call
  readonly records: CallRecord[]
}

/** Two calls of one PBX, what they and their transfers have said of themselves, and what must be true whatever happens. */
export class World {
  readonly legs: ModelLeg[] = []
  readonly calls: Told[] = []
  /** How each came to be, and what it was told, in order. */
  readonly transfers: { readonly kind: Kind; readonly told: string[] }[] = []
  readonly forks: ModelLeg[][] = []
  readonly closing: Promise<void>[] = []

  constructor(
    shapes: readonly { readonly isInbound: boolean; readonly isUp: boolean; readonly tempers: readonly Temper[] }[],
  ) {
    for (const { isInbound, isUp, tempers } of shapes) {
      const [party = 'patient', ...phones] = tempers
      const whatsApp = this.newLeg('whatsapp', party)
      const sip = this.newPhones(isInbound ? phones : phones.slice(0, 1))
      const parties = { correlationId: 'c', direction: 'inbound', account: 'main', from: '1', to: '2' } as const
      const legs = isInbound ? { caller: whatsApp, callee: sip } : { caller: sip, callee: whatsApp }
      const told: Told = { call: new Call(parties, legs, silentLogger, () => 0), records: [] }
      told.call.changed.on((record) => told.records.push(record))
      this.calls.push(told)
      if (isUp) (isInbound ? this.legs.at(-1)! : whatsApp).says({ type: 'answered' })
    }
  }

  newLeg(side: Leg['side'], temper: Temper): ModelLeg {
    const leg = new ModelLeg(this.legs.length + 1, side, temper)
    this.legs.push(leg)
    return leg
  }

  /** One phone, or several as a fork. */
  newPhones(tempers: readonly Temper[]): Leg {
    const phones = tempers.map((temper) => this.newLeg('sip', temper))
    if (phones.length === 1) return phones[0]!
    this.forks.push(phones)
    return new ForkedLeg(phones)
  }

  newTransfer(kind: 'dials' | 'calls', makeLeg: () => Leg): Transfer {
    const told = this.#newTold(kind)
    return {
      hasCalled: kind === 'calls',
      begin: makeLeg,
      ringing: () => void told.push('ringing'),
      done: () => void told.push('done'),
      failed: () => void told.push('failed'),
    }
  }

  /** A REFER that names the call in which `other` is. */
  newLink(other: ModelLeg): Transfer {
    const told = this.#newTold('links')
    const request: TransferRequest = {
      user: '600',
      replaces: 'x;to-tag=1;from-tag=2',
      joins: undefined,
      referredBy: undefined,
      accept: () => {},
      reject: () => void told.push('failed'),
      progress: (status) => void told.push(status === 180 ? 'ringing' : status === 200 ? 'done' : 'failed'),
    }
    return transferBetween(request, (transfer) => other.says({ type: 'transfer', transfer }))
  }

  #newTold(kind: Kind): string[] {
    const told: string[] = []
    this.transfers.push({ kind, told })
    return told
  }

  check(): void {
    for (const { number, faults } of this.legs) expect(faults, `leg ${number}`).toEqual([])
    for (const { call, records } of this.calls) {
      const states: readonly string[] = records.map(({ state }) => state)
      expect(states).toEqual(STATES.filter((state) => states.includes(state)))
      if (records.length > 0) expect(call.record).toBe(records.at(-1))
      expect(call.record.cause === undefined).toBe(call.record.state !== 'ended')
      expect(call.record.endedBy === undefined).toBe(call.record.state !== 'ended')
    }
    for (const { kind, told } of this.transfers) {
      // Both calls are asked at once, and say at once whether they can.
      if (kind === 'links') expect(told).toHaveLength(1)
      expect(outcomesOf(told).length).toBeLessThanOrEqual(1)
      expect(told.slice(0, -1).every((what) => what === 'ringing')).toBe(true)
    }
    for (const phones of this.forks) {
      if (phones.some(({ isUp }) => isUp)) expect(phones.filter(({ isOver }) => !isOver).length).toBeLessThanOrEqual(1)
    }
    if (this.calls.every(({ call }) => call.record.state === 'ended')) this.checkEmpty()
  }

  checkEmpty(): void {
    for (const { number, isOver } of this.legs) expect(isOver, `leg ${number} is over`).toBe(true)
    for (const { told } of this.transfers) expect(outcomesOf(told)).toHaveLength(1)
  }

  /** In a call that is up, the party hears somebody who is there, unless it waits for a new one. */
  checkAudio(): void {
    if (this.transfers.some(({ told }) => outcomesOf(told).length === 0)) return
    for (const party of this.legs) {
      if (party.side === 'sip' || party.isOver || party.heard === undefined) continue
      const block = new Float32Array(1)
      party.heard.pull(block)
      expect(this.legs[block[0]! - 1]?.isOver, `leg ${party.number} hears ${block[0]}`).toBe(false)
    }
  }
}

/** In the order in which a call goes through them. */
export const STATES = ['ringing', 'up', 'ended']

const outcomesOf = (told: readonly string[]) => told.filter((what) => what !== 'ringing')
