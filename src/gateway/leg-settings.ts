import type { LegsOptions } from '../bridge/legs.ts'
import type { Config } from '../config/schema.ts'
import { RINGBACK_TONES, type RingbackCadence } from '../media/ringback-tones.ts'
import type { Network } from '../net/network.ts'
import { iceConnector } from '../relay/ice-transport.ts'
import { RELAY_DTLS_FINGERPRINT } from '../relay/munged-answer.ts'
import { rawConnector } from '../relay/raw-transport.ts'
import type { RelayConnector } from '../relay/relay-transport.ts'
import type { AccountOptions, WhatsAppPlace } from './open-account.ts'

type LegSettings = Omit<LegsOptions, 'sip' | 'network' | 'clock' | 'random'>

/** Audio, relays and times of both kinds of leg, in the units of the rooms. */
export function legSettings(
  config: Config,
  network: Network,
  { place, inProcess }: Pick<AccountOptions, 'place' | 'inProcess'>,
): LegSettings {
  const { media, sip, relay, whatsapp } = config
  return {
    media: {
      address: media.address,
      ports: media.ports,
      codecs: media.codecs,
      srtp: media.srtp,
      allowInsecureSrtp: media.allowInsecureSrtp,
      holdSound: media.holdSound,
      detectDtmf: media.detectDtmf,
      timeoutMs: media.timeoutS * 1000,
    },
    answerTimeoutMs: sip.answerTimeoutS * 1000,
    ringback: ringbackOf(sip),
    relay: {
      connect: inProcess?.connectRelay ?? relayConnector(relay, network, place),
      portPolicy: relay.portPolicy,
      addressFamily: relay.addressFamily,
      maxRelays: relay.maxRelays,
      connectTimeoutMs: relay.connectTimeoutS * 1000,
    },
    whatsAppMediaTimeoutMs: whatsapp.mediaTimeoutS * 1000,
    voice: whatsapp.voice,
  }
}

function ringbackOf({ earlyMedia, ringbackTone }: Config['sip']): RingbackCadence | undefined {
  const tone = RINGBACK_TONES[ringbackTone]
  return earlyMedia === 'ringback' ? tone : undefined
}

function relayConnector(relay: Config['relay'], network: Network, place: WhatsAppPlace | undefined): RelayConnector {
  const localAddress = place?.localAddress
  const known = place?.relayFingerprint ?? RELAY_DTLS_FINGERPRINT
  const dtlsFingerprint = relay.verifyCertificate ? known : undefined
  return relay.transport === 'raw'
    ? rawConnector({ network, localAddress, dtlsFingerprint })
    : iceConnector({ localAddress, dtlsFingerprint })
}
