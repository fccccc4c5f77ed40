import type { CallRecord } from '../../bridge/call.ts'
import { HEARD_KINDS, type Range } from './expectations.ts'
import type { Figures } from './figures.ts'
import type { House } from './house.ts'
import type { Scenario } from './schema.ts'
import type { Stage } from './stage.ts'

type Expected = Scenario['expect']

/** Everything in which a run differs from what its scenario expects, one line each. */
export function faultsOf(expect: Expected, house: House, stage: Stage, figures: Figures): string[] {
  const records = house.records.all()
  return [
    ...stage.failures,
    ...callFaults(expect, records),
    ...phoneFaults(expect, stage),
    ...peopleFaults(expect, stage),
    ...callerFaults(expect, house, stage),
    ...answerFaults(expect, stage),
    ...within('stanzas overtaken', house.simulator.overtakenStanzas, expect.overtaken),
    ...Object.entries(expect.sent).flatMap(([tag, count]) => equal(`${tag} sent`, stage.sent.get(tag) ?? 0, count)),
    ...least('STOI to the phone', figures.stoiToPhone, expect.stoi?.toPhone),
    ...least('STOI to the peer', figures.stoiToPeer, expect.stoi?.toPeer),
    ...within('answer to audio, ms', figures.answerToAudioMs, expect.answerToAudioMs),
    ...within('setup, ms', figures.setupMs, expect.setupMs),
    ...within('lost packets', figures.lost, expect.lost),
    ...within('concealed, ms', figures.concealedMs, expect.concealedMs),
    ...within('recovered packets', figures.recovered, expect.recovered),
    ...within('packets recovered by the gateway', figures.recoveredHere, expect.recoveredHere),
    ...within('rejected packets', figures.rejected, expect.rejected),
    ...within('muted, ms', figures.mutedMs, expect.mutedMs),
    ...heardFaults(expect, figures),
    ...Object.entries(expect.traced).flatMap(([name, range]) => within(name, house.traced.get(name) ?? null, range)),
    ...relayFaults(expect, house),
    ...accountFaults(expect, house),
    ...violationFaults(expect, house),
  ]
}

export function callFaults({ calls }: Expected, records: readonly CallRecord[]): string[] {
  const open = records.filter(({ state, cause }) => state !== 'ended' || cause === undefined)
  const unstated = open.map(({ correlationId, state }) => `call ${correlationId} is ${state}, without a cause`)
  if (!calls) return [...unstated, ...ourFaults(records)]
  const count = equal('calls', records.length, calls.length)
  return [
    ...unstated,
    ...count,
    ...calls.flatMap((call, index) => {
      const record = records[index]
      if (!record) return []
      const at = `call ${index + 1}`
      const { answeredAtMs, endedAtMs, ringingAtMs } = record
      const talkMs = answeredAtMs === undefined || endedAtMs === undefined ? null : endedAtMs - answeredAtMs
      return [
        ...equal(`${at}: cause`, record.cause, call.cause),
        ...equal(`${at}: direction`, record.direction, call.direction),
        ...equal(`${at}: ended by`, record.endedBy, call.endedBy),
        ...equal(`${at}: rang`, ringingAtMs !== undefined, call.rang),
        ...equal(`${at}: connected`, answeredAtMs !== undefined, call.connected),
        ...equal(`${at}: account`, record.account, call.account),
        ...equal(`${at}: from`, record.from, call.from),
        ...within(`${at}: talk, ms`, talkMs, call.talkMs),
      ]
    }),
  ]
}

/** The cause of what should not happen: a scenario in which it has to says so. */
function ourFaults(records: readonly CallRecord[]): string[] {
  const ours = records.filter(({ cause }) => cause === 'internal-error')
  return ours.map(({ correlationId }) => `call ${correlationId} ended by internal-error`)
}

function phoneFaults({ phone }: Expected, stage: Stage): string[] {
  if (!phone) return []
  return [
    ...equal("the desk phone's calls", stage.phoneCalls.length, phone.length),
    ...phone.flatMap(({ status, q850, retryAfterS }, index) => {
      const end = stage.phoneCalls[index]?.end
      const at = `the desk phone's call ${index + 1}`
      return [
        ...equal(`${at}: status`, end?.status, status),
        ...equal(`${at}: Q.850`, end?.q850, q850),
        ...within(`${at}: Retry-After, s`, end?.retryAfterS ?? null, retryAfterS),
      ]
    }),
  ]
}

function peopleFaults({ people }: Expected, stage: Stage): string[] {
  return Object.entries(people).flatMap(([name, reasons]) => {
    const calls = stage.peerCalls.get(name) ?? []
    return reasons.flatMap((reason, device) => {
      const last = calls.findLast(({ deviceId }) => deviceId === device)
      return equal(`${name}'s device ${device}`, last?.overReason ?? last?.state ?? 'no call', reason)
    })
  })
}

function callerFaults({ callers }: Expected, { simulator }: House, stage: Stage): string[] {
  return Object.entries(callers).flatMap(([name, owner]) => {
    const creator = stage.peerCalls.get(name)?.findLast(({ direction }) => direction === 'in')?.name.creator
    const devices = [...simulator.phone(owner).user.devices.values()]
    return equal(
      `${name} was called by ${owner}`,
      devices.some(({ jid }) => jid === creator),
      true,
    )
  })
}

/** Also a call that the gateway did not take for answered. */
function answerFaults({ answered }: Expected, stage: Stage): string[] {
  return answered.flatMap((name) => {
    const wasUp = stage.peerCalls.get(name)?.some(({ peer }) => peer !== undefined) ?? false
    return equal(`${name} has answered`, wasUp, true)
  })
}

function heardFaults({ heard }: Expected, figures: Figures): string[] {
  return HEARD_KINDS.flatMap((kind) =>
    within(`packets that the peer heard, ${kind}`, figures.heard?.[kind] ?? null, heard?.[kind]),
  )
}

function relayFaults({ relays }: Expected, house: House): string[] {
  const gone = house.relays.servers.reduce((total, relay) => total + (relay.gone.get(house.relayAddress) ?? 0), 0)
  const registrations = house.relays.stats().reduce((total, each) => total + each.registrations, 0)
  return [
    ...equal('times that a relay gave us up', gone, relays?.gaveUsUp),
    ...within('registrations at relays', registrations, relays?.registrations),
  ]
}

function accountFaults({ account, accounts, missed }: Expected, house: House): string[] {
  const states = { [house.accounts.at(-1) ?? '']: account, ...accounts }
  const faults = Object.entries(states).flatMap(([name, shall]) =>
    equal(`account ${name}`, house.gateway.account(name)?.client.state, shall === 'any' ? undefined : shall),
  )
  return [...faults, ...equal('missed calls', house.missed(), missed)]
}

export function violationFaults({ violations }: Expected, house: House): string[] {
  const seen = house.simulator.violations.filter(({ code }) => !violations.includes(code))
  const codes = new Set(house.simulator.violations.map(({ code }) => code))
  return [
    ...seen.map(({ code, device, message }) => `violation ${code} by ${device}: ${message}`),
    ...violations.filter((code) => !codes.has(code)).map((code) => `no violation ${code}`),
  ]
}

function equal<T>(what: string, is: T, shall: T | undefined): string[] {
  return shall === undefined || is === shall ? [] : [`${what}: ${String(is)}, expected ${String(shall)}`]
}

function least(what: string, is: number | null, shall: number | undefined): string[] {
  return within(what, is, shall === undefined ? undefined : { least: shall })
}

function within(what: string, is: number | null, range: Range | undefined): string[] {
  if (range === undefined) return []
  const { least: low = Number.NEGATIVE_INFINITY, most: high = Number.POSITIVE_INFINITY } = range
  if (is !== null && is >= low && is <= high) return []
  return [`${what}: ${is ?? 'none'}, expected ${low} to ${high}`]
}
