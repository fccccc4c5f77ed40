import type { DiallerLimits } from '../bridge/dialler/dialler.ts'
import type { Config } from '../config/schema.ts'
import type { SessionPeer } from '../sip/sip-engine.ts'

/** The limits of the dialler in the units of the rooms. */
export function diallerLimits({ dialler, dialing }: Config): DiallerLimits {
  return {
    deny: dialing.deny,
    allow: dialing.allow,
    allowPremium: dialler.premiumNumbers === 'allow',
    quietHours: dialler.quietHours ?? undefined,
    perMinute: dialler.perMinute,
    perHour: dialler.perHour,
    perDay: dialler.perDay,
    strangersPerDay: dialler.strangersPerDay,
    breaker: {
      restrictions: dialler.breaker.restrictions,
      pauseMs: dialler.breaker.pauseS * 1000,
      longestPauseMs: dialler.breaker.longestPauseS * 1000,
    },
  }
}

/** The account that makes the calls of a peer, where the configuration ties it to one. */
export function accountOf({ sip }: Config, peer: SessionPeer): string | undefined {
  if (peer.kind === 'user') return sip.users.find(({ username }) => username === peer.username)?.account
  if (peer.kind === 'registration') return sip.registrations.find(({ name }) => name === peer.name)?.account
  if (peer.kind === 'static-trunk') return sip.trunks.find(({ name }) => name === peer.name)?.account
  return undefined
}
