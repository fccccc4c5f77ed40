import type { InboundRoute } from '../bridge/routing.ts'
import type { Config } from '../config/schema.ts'
import type { SessionPeer } from '../sip/sip-engine.ts'
import { NumberNormalizer } from '../whatsapp/numbers/e164.ts'

export function numberNormalizer({ dialing }: Config): NumberNormalizer {
  return new NumberNormalizer({
    ...(dialing.countryCode !== null && { defaultCountryCode: dialing.countryCode }),
    internationalPrefix: dialing.internationalPrefix,
    nationalPrefix: dialing.nationalPrefix,
    minDigits: dialing.minDigits,
  })
}

/** Where calls from WhatsApp go. */
export function inboundRoutes({ routing }: Config): readonly InboundRoute[] {
  return routing.inbound.map(({ account, user, trunk, extension, exclusive: isExclusive }) =>
    user === undefined
      ? { account, isExclusive, kind: 'trunk', trunk: trunk ?? '', extension: extension ?? '' }
      : { account, isExclusive, kind: 'user', user },
  )
}

/** The account that makes the calls of a peer, where the configuration ties it to one. */
export function accountOf({ sip }: Config, peer: SessionPeer): string | undefined {
  if (peer.kind === 'user') return sip.users.find(({ username }) => username === peer.username)?.account
  if (peer.kind === 'registration') return sip.registrations.find(({ name }) => name === peer.name)?.account
  if (peer.kind === 'static-trunk') return sip.trunks.find(({ name }) => name === peer.name)?.account
  return undefined
}
