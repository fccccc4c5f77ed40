import { sameDevice } from '../jid.ts'
import { buildAcceptWithCapability, buildAcceptWithKey } from '../stanza/accept.ts'
import { speaksMlow, usesCopies } from '../stanza/capability.ts'
import { buildMute } from '../stanza/mute.ts'
import { buildPreaccept } from '../stanza/preaccept.ts'
import { buildReject } from '../stanza/reject.ts'
import { buildRelayLatency, type RelayLatency } from '../stanza/relaylatency.ts'
import { buildTerminate } from '../stanza/terminate.ts'
import { buildTransport } from '../stanza/transport.ts'
import type { CallKeyForDevices, Jid, WaNode } from '../wa-client.ts'
import { busyHere } from './busy-here.ts'
import type { CallEnd } from './call-event.ts'
import { causeBeforeAnswer } from './inbound.ts'
import type { IncomingPhase, IncomingState } from './incoming-state.ts'
import { type CallAction, type CallInput, emit, end, send, startTimer, stopTimer } from './machine.ts'
import type { CallSettings } from './settings.ts'
import { type Rule, rowsOf } from './table.ts'

/** Measurements answered in one call: relays times address families, several rounds of them. */
const MAX_LATENCIES = 64

const BEFORE_ANSWER: readonly IncomingPhase[] = ['idle', 'opening', 'ringing', 'accepting']
const ANNOUNCED: readonly IncomingPhase[] = ['ringing', 'accepting', 'active']
const LIVE: readonly IncomingPhase[] = [...BEFORE_ANSWER, 'active']

const on = rowsOf<IncomingState, CallInput, CallAction>()

export const incomingTable: readonly Rule<IncomingState, CallInput, CallAction>[] = [
  on('start', {
    in: ['idle'],
    when: (call) => call.enc !== undefined,
    to: 'opening',
    do: (call) => [startTimer('ring'), { do: 'open', from: call.caller, enc: call.enc! }],
  }),
  on('start', { in: ['idle'], to: 'ended', do: noKey }),
  on('opened', {
    in: ['opening'],
    to: 'ringing',
    do: (call, { callKey }) => [
      { do: 'use-key', callKey },
      send(call.caller, buildPreaccept(call, call.settings.codec)),
      { do: 'announce' },
    ],
  }),
  on('open-failed', { in: ['opening'], to: 'ended', do: noKey }),
  on('timeout', {
    in: BEFORE_ANSWER,
    when: (_, { timer }) => timer === 'ring',
    to: 'ended',
    do: () => [end({ cause: 'no-answer' })],
  }),

  // Answering.
  on('answer', {
    in: ['ringing'],
    when: (call) => carriesKey(call.settings),
    to: 'accepting',
    do: (call) => [startTimer('seal'), { do: 'seal', to: call.caller }],
  }),
  on('answer', { in: ['ringing'], to: 'active', do: (call) => accepted(call, plainAccept(call)) }),
  on('sealed', {
    in: ['accepting'],
    when: (_, { keys }) => keys.keys.length > 0,
    to: 'active',
    do: (call, { keys }) => accepted(call, acceptWithKey(call, keys)),
  }),
  on('sealed', { in: ['accepting'], to: 'active', do: (call) => accepted(call, plainAccept(call)) }),
  on('seal-failed', { in: ['accepting'], to: 'active', do: (call) => accepted(call, plainAccept(call)) }),
  on('timeout', {
    in: ['accepting'],
    when: (_, { timer }) => timer === 'seal',
    to: 'active',
    do: (call) => accepted(call, plainAccept(call)),
  }),

  // Not answering.
  on('decline', {
    in: BEFORE_ANSWER,
    to: 'ended',
    do: (call, { reason }) => [
      ...(reason === 'busy' ? sayBusy(call) : [send(call.caller, buildReject(call))]),
      end({ cause: 'declined-here' }),
    ],
  }),
  on('hang-up', {
    in: BEFORE_ANSWER,
    to: 'ended',
    do: (call) => [send(call.caller, buildReject(call)), end({ cause: 'declined-here' })],
  }),
  on('terminate', {
    in: BEFORE_ANSWER,
    to: 'ended',
    do: (_, { reason }) => [end({ cause: causeBeforeAnswer(reason), reason })],
  }),
  on('reject', { in: BEFORE_ANSWER, to: 'ended', do: (_, { reason }) => [end({ cause: 'cancelled', reason })] }),
  on('own-accept', { in: BEFORE_ANSWER, to: 'ended', do: () => [end({ cause: 'answered-elsewhere' })] }),
  on('own-reject', {
    in: BEFORE_ANSWER,
    when: (_, { reason }) => reason === undefined,
    to: 'ended',
    do: () => [end({ cause: 'declined-elsewhere' })],
  }),

  // Talking.
  on('terminate', {
    in: ['active'],
    when: isFromCaller,
    to: 'ended',
    do: (_, { reason }) => [end({ cause: causeAfterAnswer(reason), reason })],
  }),
  on('reject', {
    in: ['active'],
    when: isFromCaller,
    to: 'ended',
    do: (_, { reason }) => [end({ cause: 'hung-up', reason })],
  }),
  on('hang-up', {
    in: ['active'],
    to: 'ended',
    do: (call, { reason }) => [send(call.caller, buildTerminate(call, reason)), end({ cause: 'hung-up-here' })],
  }),
  on('refused', {
    in: ['active'],
    to: 'ended',
    do: (call, { code }) => [send(call.caller, buildTerminate(call)), end({ cause: 'refused', code })],
  }),
  on('mute', {
    in: ['active'],
    when: (call, { muted }) => call.isMuted !== muted,
    set: (_, { muted }) => ({ isMuted: muted }),
    do: (call, { muted }) => [send(call.caller, buildMute(call, muted))],
  }),
  on('mute', { in: BEFORE_ANSWER, set: (_, { muted }) => ({ isMuted: muted }) }),
  on('peer-mute', { in: ANNOUNCED, when: isFromCaller, do: (_, { muted }) => [emit({ type: 'muted', muted })] }),
  on('redialled', { in: ['active'], do: (call) => [send(call.caller, buildTransport(call))] }),

  // Relays.
  on('relays', {
    in: LIVE,
    when: (call) => !call.hasRelays,
    set: () => ({ hasRelays: true }),
    do: (_, { relays }) => [emit({ type: 'relays', relays })],
  }),
  on('bound', {
    in: ANNOUNCED,
    when: ({ settings }) => settings.relayLatencyForm === 'report',
    do: (call, { measurements }) => measurements.map((own) => send(call.caller, buildRelayLatency(call, own))),
  }),
  on('bound', {
    in: ANNOUNCED,
    when: ({ settings }) => settings.relayLatencyForm === 'echo',
    set: (call, { measurements }) => nowBound(call, measurements),
    do: (call, _, before) =>
      echo(
        call,
        before.unanswered.filter((latency) => isBound(call, latency)),
      ),
  }),
  on('latency', {
    in: LIVE,
    when: (call, { measurements }) =>
      call.settings.relayLatencyForm === 'echo' && call.answeredLatencies + measurements.length <= MAX_LATENCIES,
    set: (call, { measurements }) => nowMeasured(call, measurements),
    do: (call, { measurements }) =>
      echo(
        call,
        measurements.filter((latency) => isBound(call, latency)),
      ),
  }),

  // The connection to the server. Media does not need it.
  on('socket-lost', { in: LIVE, do: () => [startTimer('grace')] }),
  on('socket-back', { in: LIVE, do: () => [stopTimer('grace')] }),
  on('timeout', {
    in: BEFORE_ANSWER,
    when: (_, { timer }) => timer === 'grace',
    to: 'ended',
    do: () => [end({ cause: 'offline' })],
  }),
  on('timeout', {
    in: ['active'],
    when: (_, { timer }) => timer === 'grace',
    to: 'ended',
    do: (call) => [send(call.caller, buildTerminate(call)), end({ cause: 'offline' })],
  }),
  on('account-lost', { in: LIVE, to: 'ended', do: (_, { cause }) => [end({ cause })] }),
  // Before the answer nothing is sent: the owner's phone may still take the call.
  on('shutdown', { in: BEFORE_ANSWER, to: 'ended', do: () => [end({ cause: 'shutdown' })] }),
  on('shutdown', {
    in: ['active'],
    to: 'ended',
    do: (call) => [send(call.caller, buildTerminate(call)), end({ cause: 'shutdown' })],
  }),
]

/** The owner's phone, which has its own copy of the key, goes on ringing. */
function noKey(call: IncomingState): readonly CallAction[] {
  return [...sayBusy(call), end({ cause: 'no-key' })]
}

function sayBusy(call: IncomingState): readonly CallAction[] {
  const busy = busyHere(call, call.settings)
  return busy ? [send(call.caller, busy)] : []
}

function carriesKey(settings: CallSettings): boolean {
  return settings.acceptForm === 'with-key' || (settings.acceptForm === 'by-codec' && settings.codec === 'mlow')
}

function plainAccept(call: IncomingState): WaNode {
  const { offer, settings } = call
  return buildAcceptWithCapability({
    callId: call.callId,
    callCreator: call.callCreator,
    codec: settings.codec,
    metadata: offer.metadata,
    rte: offer.rte,
  })
}

function acceptWithKey(call: IncomingState, keys: CallKeyForDevices): WaNode {
  return buildAcceptWithKey({
    callId: call.callId,
    callCreator: call.callCreator,
    key: keys.keys[0]!,
    deviceIdentity: keys.deviceIdentity,
  })
}

function accepted(call: IncomingState, accept: WaNode): readonly CallAction[] {
  const { capability } = call.offer
  return [
    stopTimer('seal'),
    stopTimer('ring'),
    ...(call.settings.greetings === 'both' ? greeting(call) : []),
    send(call.caller, accept),
    ...(call.isMuted && call.settings.greetings !== 'both' ? [send(call.caller, buildMute(call, true))] : []),
    emit({
      type: 'answered',
      device: call.caller,
      peerSpeaksMlow: capability && speaksMlow(capability),
      peerUsesCopies: capability && usesCopies(capability),
    }),
  ]
}

function greeting(call: IncomingState): readonly CallAction[] {
  return [send(call.caller, buildMute(call, call.isMuted)), send(call.caller, buildTransport(call))]
}

/** Our accept and that of a sibling crossed, and the caller took the sibling's. */
function causeAfterAnswer(reason: string | undefined): CallEnd {
  return reason === 'accepted_elsewhere' ? 'answered-elsewhere' : 'hung-up'
}

function isFromCaller(call: IncomingState, input: { readonly from: Jid }): boolean {
  return sameDevice(call.caller, input.from)
}

function isBound(call: IncomingState, latency: RelayLatency): boolean {
  return call.bound.includes(latency.relayName)
}

function nowBound(call: IncomingState, measurements: readonly RelayLatency[]): Partial<IncomingState> {
  const bound = [...new Set([...call.bound, ...measurements.map((own) => own.relayName)])]
  return { bound, unanswered: call.unanswered.filter((latency) => !bound.includes(latency.relayName)) }
}

function nowMeasured(call: IncomingState, measurements: readonly RelayLatency[]): Partial<IncomingState> {
  return {
    unanswered: [...call.unanswered, ...measurements.filter((latency) => !isBound(call, latency))],
    answeredLatencies: call.answeredLatencies + measurements.length,
  }
}

/** One stanza for each measurement, as the implementations do that echo. */
function echo(call: IncomingState, measurements: readonly RelayLatency[]): readonly CallAction[] {
  return measurements.map((latency) => send(call.caller, buildRelayLatency(call, latency)))
}
