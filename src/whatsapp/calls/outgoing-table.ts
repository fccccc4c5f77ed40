import { sameDevice } from '../jid.ts'
import type { IncomingAccept } from '../stanza/accept.ts'
import { capabilityBlob, speaksMlow, usesCopies } from '../stanza/capability.ts'
import { buildMute } from '../stanza/mute.ts'
import { buildOffer } from '../stanza/offer.ts'
import type { TerminateReason } from '../stanza/terminate.ts'
import { buildTransport } from '../stanza/transport.ts'
import type { CallKeyForDevices, Jid, WaNode } from '../wa-client.ts'
import { terminateDevices } from './dismissal.ts'
import { type CallAction, type CallInput, emit, end, send, startTimer, stopTimer } from './machine.ts'
import type { OutgoingPhase, OutgoingState } from './outgoing-state.ts'
import { type Rule, rowsOf } from './table.ts'

/** Both rates that callers of today offer; a callee of today takes 16 kHz. */
const OFFERED_RATES_HZ = [8000, 16_000]
const RESTRICTED_CODE = 463

const BEFORE_ANSWER: readonly OutgoingPhase[] = ['offered', 'ringing']
const ON_AIR: readonly OutgoingPhase[] = ['offered', 'ringing', 'active']
const LIVE: readonly OutgoingPhase[] = ['idle', 'preparing', ...ON_AIR]

const on = rowsOf<OutgoingState, CallInput, CallAction>()

export const outgoingTable: readonly Rule<OutgoingState, CallInput, CallAction>[] = [
  on('start', { in: ['idle'], to: 'preparing', do: () => [startTimer('prepare'), { do: 'prepare' }] }),
  on('prepared', {
    in: ['preparing'],
    set: (_, { keys }) => ({ offered: keys.keys.map((key) => key.jid) }),
    do: (call, { keys, privacyToken }) => [
      stopTimer('prepare'),
      startTimer('setup'),
      startTimer('ring'),
      { do: 'offer', offer: offerOf(call, keys, privacyToken) },
    ],
    to: 'offered',
  }),
  on('prepare-failed', { in: ['idle', 'preparing'], to: 'ended', do: (_, { cause }) => [end({ cause })] }),
  on('timeout', {
    in: ['preparing'],
    when: (_, { timer }) => timer === 'prepare',
    to: 'ended',
    do: () => [end({ cause: 'setup-failed' })],
  }),
  on('hang-up', { in: ['idle', 'preparing'], to: 'ended', do: () => [end({ cause: 'cancelled' })] }),

  // The server's word on the offer.
  on('acked', {
    in: BEFORE_ANSWER,
    when: (call, { devices }) => ringing({ ...call, offered: reallyRung(call, devices) }).length === 0,
    to: 'ended',
    do: (call) => [nobodyLeft(call)],
  }),
  on('acked', {
    in: ON_AIR,
    set: (call, { devices }) => ({ isAcked: true, offered: reallyRung(call, devices) }),
  }),
  on('relays', {
    in: ON_AIR,
    when: (call) => !call.hasRelays,
    set: () => ({ hasRelays: true }),
    do: (_, { relays }) => [stopTimer('setup'), emit({ type: 'relays', relays })],
  }),
  on('refused', {
    in: ON_AIR,
    to: 'ended',
    do: (call, { code }) => [
      ...(call.answeredBy ? giveUp(call) : []),
      end({ cause: code === RESTRICTED_CODE ? 'restricted' : 'refused', code }),
    ],
  }),
  on('query-offline', {
    in: BEFORE_ANSWER,
    when: (call) => !call.hasRelays,
    to: 'ended',
    do: (call) => [...giveUp(call), end({ cause: 'offline' })],
  }),
  on('timeout', {
    in: ON_AIR,
    when: (call, { timer }) => timer === 'setup' && !call.hasRelays,
    to: 'ended',
    do: (call) => [...giveUp(call), end({ cause: call.isAcked ? 'no-relay' : 'no-ack' })],
  }),

  // Ringing.
  on('preaccept', { in: ['offered'], set: noteCodec, to: 'ringing', do: () => [emit({ type: 'ringing' })] }),
  on('preaccept', { in: ['ringing'], set: noteCodec }),
  on('receipt', {
    in: ['offered'],
    when: (call) => call.settings.ringingOn === 'receipt',
    to: 'ringing',
    do: () => [emit({ type: 'ringing' })],
  }),
  on('timeout', {
    in: BEFORE_ANSWER,
    when: (_, { timer }) => timer === 'ring',
    to: 'ended',
    do: (call) => [...giveUp(call, 'timeout'), end({ cause: 'no-answer' })],
  }),
  on('hang-up', {
    in: BEFORE_ANSWER,
    to: 'ended',
    do: (call, { reason }) => [...giveUp(call, reason), end({ cause: 'cancelled' })],
  }),
  on('glare', { in: LIVE, to: 'ended', do: (call) => [...giveUp(call), end({ cause: 'glare' })] }),

  // One device's word counts for that device; the call ends when the last one is out.
  on('reject', {
    in: BEFORE_ANSWER,
    when: (call, { from, reason }) =>
      isForOneDevice(reason) && ringing(call).every((device) => sameDevice(device, from)),
    set: (call, { from, reason }) => withOut(call, from, reason),
    to: 'ended',
    do: (call, { reason }) => [nobodyLeft(call, reason)],
  }),
  on('reject', {
    in: BEFORE_ANSWER,
    when: (_, { reason }) => isForOneDevice(reason),
    set: (call, { from, reason }) => withOut(call, from, reason),
  }),
  on('reject', {
    in: BEFORE_ANSWER,
    to: 'ended',
    do: (call, { from, reason }) => [
      ...dismissSiblings(call, from, 'rejected_elsewhere'),
      end({ cause: 'declined', reason }),
    ],
  }),
  on('terminate', {
    in: BEFORE_ANSWER,
    when: (_, { reason }) => reason === 'timeout',
    to: 'ended',
    do: (_, { reason }) => [end({ cause: 'no-answer', reason })],
  }),
  on('terminate', {
    in: BEFORE_ANSWER,
    to: 'ended',
    do: (call, { from, reason }) => [...dismissSiblings(call, from), end({ cause: 'unavailable', reason })],
  }),

  // The first accept wins; the same device may repeat it, with a key this time; others are ignored.
  on('accept', {
    in: BEFORE_ANSWER,
    when: (_, { accept }) => !asksForWhatWasOffered(accept.audioRatesHz),
    to: 'ended',
    do: (call) => [...giveUp(call), end({ cause: 'bad-accept' })],
  }),
  on('accept', {
    in: BEFORE_ANSWER,
    set: (_, { from }) => ({ answeredBy: from, withoutMlow: [] }),
    to: 'active',
    do: (call, { from, accept }, before) => [
      stopTimer('ring'),
      ...dismissSiblings(call, from, 'accepted_elsewhere'),
      ...greeting(call, from),
      emit({ type: 'answered', device: from, ...voiceOf(accept, before.withoutMlow, from) }),
      ...openKey(from, accept.enc),
    ],
  }),
  on('accept', {
    in: ['active'],
    when: isFromAnswering,
    do: (_, { from, accept }) => openKey(from, accept.enc),
  }),
  on('opened', { in: ['active'], do: (_, { callKey }) => [{ do: 'use-key', callKey }] }),
  // As a rule the key repeats ours, which media has already; if not, silence ends the call.
  on('open-failed', { in: ['active'] }),

  // Talking.
  on('terminate', {
    in: ['active'],
    when: isFromAnswering,
    to: 'ended',
    do: (_, { reason }) => [end({ cause: 'hung-up', reason })],
  }),
  on('reject', {
    in: ['active'],
    when: isFromAnswering,
    to: 'ended',
    do: (_, { reason }) => [end({ cause: 'hung-up', reason })],
  }),
  on('hang-up', {
    in: ['active'],
    to: 'ended',
    do: (call, { reason }) => [...giveUp(call, reason), end({ cause: 'hung-up-here' })],
  }),
  on('mute', {
    in: ['active'],
    when: (call, { muted }) => call.isMuted !== muted,
    set: (_, { muted }) => ({ isMuted: muted }),
    do: (call, { muted }) => [send(call.answeredBy!, buildMute(call, muted))],
  }),
  on('mute', { in: LIVE, set: (_, { muted }) => ({ isMuted: muted }) }),
  on('peer-mute', { in: ['active'], when: isFromAnswering, do: (_, { muted }) => [emit({ type: 'muted', muted })] }),
  on('redialled', { in: ['active'], do: (call) => [send(call.answeredBy!, buildTransport(call))] }),

  // The connection to the server. Media does not need it.
  on('socket-lost', { in: ON_AIR, do: () => [startTimer('grace')] }),
  on('socket-back', { in: ON_AIR, do: () => [stopTimer('grace')] }),
  on('timeout', {
    in: ON_AIR,
    when: (_, { timer }) => timer === 'grace',
    to: 'ended',
    do: (call) => [...giveUp(call), end({ cause: 'offline' })],
  }),
  on('account-lost', { in: LIVE, to: 'ended', do: (_, { cause }) => [end({ cause })] }),
  on('shutdown', { in: LIVE, to: 'ended', do: (call) => [...giveUp(call), end({ cause: 'shutdown' })] }),
]

function offerOf(call: OutgoingState, keys: CallKeyForDevices, privacyToken: Uint8Array | undefined): WaNode {
  return buildOffer({
    callId: call.callId,
    callCreator: call.callCreator,
    privacyToken,
    audioRatesHz: OFFERED_RATES_HZ,
    capability: capabilityBlob('offer', call.settings.codec),
    keys: keys.keys,
    deviceIdentity: keys.deviceIdentity,
  })
}

/** The server may name the devices it rang; those we did not offer to are none of ours. */
function reallyRung({ offered }: OutgoingState, named: readonly Jid[]): readonly Jid[] {
  const rung = offered.filter((device) => includes(named, device))
  return rung.length > 0 ? rung : offered
}

function noteCodec(
  { withoutMlow, offered }: OutgoingState,
  { from, capability }: Extract<CallInput, { type: 'preaccept' }>,
): Partial<OutgoingState> {
  const lacksIt = capability !== undefined && speaksMlow(capability) === false
  const lacks = (device: Jid) => (sameDevice(device, from) ? lacksIt : withoutMlow.includes(device))
  return { withoutMlow: offered.filter(lacks) }
}

/** The capability of the accept; where it has none, bit 31 of the preaccept's, whose bit 36 says nothing. */
function voiceOf({ capability }: IncomingAccept, withoutMlow: readonly Jid[], from: Jid) {
  const lacksMlow = withoutMlow.some((device) => sameDevice(device, from))
  if (!capability) return { peerSpeaksMlow: lacksMlow ? false : undefined, peerUsesCopies: undefined }
  return { peerSpeaksMlow: speaksMlow(capability), peerUsesCopies: usesCopies(capability) }
}

function ringing({ offered, out }: OutgoingState): readonly Jid[] {
  return offered.filter((device) => !includes(out, device))
}

function includes(devices: readonly Jid[], one: Jid): boolean {
  return devices.some((device) => sameDevice(device, one))
}

function isForOneDevice(reason: string | undefined): boolean {
  return reason === 'busy' || reason === 'uncallable'
}

function withOut(call: OutgoingState, from: Jid, reason: string | undefined): Partial<OutgoingState> {
  const isNews = includes(ringing(call), from)
  return { out: isNews ? [...call.out, from] : call.out, someoneBusy: call.someoneBusy || reason === 'busy' }
}

function nobodyLeft({ someoneBusy }: OutgoingState, reason?: string): CallAction {
  return end({ cause: someoneBusy ? 'busy' : 'unavailable', reason })
}

/** Tells everybody who still believes in the call that it is over. */
function giveUp(call: OutgoingState, reason?: TerminateReason): readonly CallAction[] {
  if (call.answeredBy) return terminateDevices(call, call.peer, [call.answeredBy], reason, 'per-device')
  return terminateDevices(call, call.peer, ringing(call), reason, call.settings.dismissalForm)
}

function dismissSiblings(call: OutgoingState, except: Jid, reason?: TerminateReason): readonly CallAction[] {
  const siblings = ringing(call).filter((device) => !sameDevice(device, except))
  return terminateDevices(call, call.peer, siblings, reason, call.settings.dismissalForm)
}

/** Tells a companion that we are there; a mute must be told in any case. */
function greeting(call: OutgoingState, to: Jid): readonly CallAction[] {
  if (call.settings.greetings !== 'none')
    return [send(to, buildTransport(call)), send(to, buildMute(call, call.isMuted))]
  return call.isMuted ? [send(to, buildMute(call, true))] : []
}

/** An accept that names no rate takes what was offered. */
function asksForWhatWasOffered(ratesHz: readonly number[]): boolean {
  return ratesHz.every((rate) => OFFERED_RATES_HZ.includes(rate))
}

function isFromAnswering(call: OutgoingState, input: { readonly from: Jid }): boolean {
  return call.answeredBy !== undefined && sameDevice(call.answeredBy, input.from)
}

function openKey(from: Jid, enc: Extract<CallAction, { do: 'open' }>['enc'] | undefined): readonly CallAction[] {
  return enc ? [{ do: 'open', from, enc }] : []
}
