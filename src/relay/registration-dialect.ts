import type { Random } from '../base/random.ts'
import type { Endpoint } from '../net/network.ts'
import { iceCredentials, tokenUfrag } from './ice-credentials.ts'
import type { RelayCandidate } from './relay-transport.ts'
import { encodeSenderSubscription, encodeStreamDescriptors, type StreamDescriptor } from './stream-descriptors.ts'
import { STUN_ATTRIBUTE, STUN_TYPE, type StunAttribute, type StunTrailer, xorAddress } from './stun.ts'

/** Who the two parties of the call are to the relays. */
export interface RelayParties {
  readonly selfPid: number
  readonly peerPid: number
  /** Our SSRCs by stream slot, speech at 0 (docs/protocol/media-crypto.md). */
  readonly selfSsrcs: readonly number[]
  /** Changes when another device of the peer answers. */
  readonly peerSsrc: number
}

export interface RegistrationRequest {
  readonly type: number
  readonly attributes: readonly StunAttribute[]
  readonly trailer?: StunTrailer
  /** Of requests whose content or repetition depends on it; the others get a new one each time. */
  readonly transactionId?: Uint8Array
}

/** What one mode of reaching relays says to be let in (docs/protocol/relay.md). Modes must not be mixed. */
export interface RegistrationDialect {
  /** When the requests go out after the start; later again and again every `refreshMs`. */
  readonly delaysMs: readonly number[]
  readonly refreshMs: number
  requests(parties: RelayParties): readonly RegistrationRequest[]
}

export interface RegistrationPlace {
  readonly candidate: RelayCandidate
  /** Where the relay was dialled. */
  readonly endpoint: Endpoint
  /** Our ICE user fragment; raw mode has none. */
  readonly localUfrag: string | undefined
  readonly random: Random
}

const PRIORITY = Uint8Array.of(0x00, 0xff, 0xff, 0xff)
const UTF8 = new TextEncoder()

/** The dialect of a transport: with a user fragment that of ICE mode, without one that of raw mode. */
export function registrationDialect(place: RegistrationPlace): RegistrationDialect {
  return place.localUfrag === undefined ? rawDialect(place) : iceDialect(place, place.localUfrag)
}

/** Bindings for both user fragments, a bare binding, an allocate. Early repeats: the relay may not be ready yet. */
function iceDialect(place: RegistrationPlace, localUfrag: string): RegistrationDialect {
  const { candidate, random } = place
  const controlling = random.bytes(8)
  const { ufrag } = iceCredentials(candidate)
  const ufrags = new Set([ufrag, tokenUfrag(candidate)])
  return {
    delaysMs: [0, 50, 150, 500, 3000],
    refreshMs: 5000,
    requests: ({ selfPid, selfSsrcs, peerPid, peerSsrc }) => {
      const subscription = { type: STUN_ATTRIBUTE.token, value: encodeSenderSubscription(peerSsrc) }
      const priority = { type: STUN_ATTRIBUTE.priority, value: PRIORITY }
      const bindings = [...ufrags].map((remote) => ({
        type: STUN_TYPE.bindingRequest,
        attributes: [
          { type: STUN_ATTRIBUTE.username, value: UTF8.encode(`${remote}:${localUfrag}`) },
          priority,
          { type: STUN_ATTRIBUTE.iceControlling, value: controlling },
          subscription,
        ],
        trailer: { integrityKey: UTF8.encode(candidate.key), fingerprint: true },
      }))
      const streams = [
        { stream: selfPid, layer: 1, ssrc: selfSsrcs[0] ?? 0 },
        { stream: peerPid, layer: 1, ssrc: peerSsrc },
      ]
      const bare = { type: STUN_TYPE.bindingRequest, attributes: [priority, subscription] }
      return [...bindings, bare, allocate(place, streams, random.bytes(12))]
    },
  }
}

/**
 * The slots of our streams in the order of the registration: media, FEC and NACK of audio and of video; then hop-by-hop
 * FEC out and in, and application data.
 */
const REGISTERED_SLOTS = [0, 1, 4, 2, 3, 5, 7, 8, 6] as const
const LAYERS = 3

/** One allocate with all our streams, the same bytes every second. A binding request would end it. */
function rawDialect(place: RegistrationPlace): RegistrationDialect {
  const transactionId = place.random.bytes(12)
  return {
    delaysMs: [0],
    refreshMs: 1000,
    requests: ({ selfSsrcs }) => {
      const streams = REGISTERED_SLOTS.map((slot, i) => ({
        stream: Math.floor(i / LAYERS),
        layer: i % LAYERS,
        ssrc: selfSsrcs[slot] ?? 0,
      }))
      return [allocate(place, streams, transactionId)]
    },
  }
}

function allocate(
  { candidate, endpoint }: RegistrationPlace,
  streams: readonly StreamDescriptor[],
  transactionId: Uint8Array,
): RegistrationRequest {
  return {
    type: STUN_TYPE.allocateRequest,
    attributes: [
      { type: STUN_ATTRIBUTE.token, value: candidate.token },
      { type: STUN_ATTRIBUTE.streamDescriptors, value: encodeStreamDescriptors(streams) },
      { type: STUN_ATTRIBUTE.xorRelayedAddress, value: xorAddress(endpoint, transactionId) },
    ],
    trailer: { integrityKey: UTF8.encode(candidate.key) },
    transactionId,
  }
}
