import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { CallTraceEvent } from '../../src/base/tracer.ts'
import type { CallCause } from '../../src/bridge/cause.ts'
import type { LegEvent } from '../../src/bridge/leg.ts'
import type { LegContext } from '../../src/bridge/leg-factory.ts'
import { ALL_CAUSES } from '../../src/bridge/mapping/causes.ts'
import { WhatsAppLeg, type WhatsAppLegOptions } from '../../src/bridge/whatsapp-leg.ts'
import type { WhatsAppMedia, WhatsAppMediaRequest } from '../../src/bridge/whatsapp-media.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import { ToneDetector } from '../../src/media/dtmf/tone-detector.ts'
import type { CallEnd } from '../../src/whatsapp/calls/call-event.ts'
import type { RelayBlock } from '../../src/whatsapp/stanza/relay-block.ts'
import { context, FakeCall, FakeMedia } from './fakes.ts'

const DEVICE = '2:5@lid'
const TIMEOUT_MS = 20_000
const relays: RelayBlock = {
  uuid: undefined,
  selfPid: 1,
  peerPid: 2,
  participants: [],
  key: 'key',
  hbhKey: undefined,
  warpMiTagLength: 4,
  tokens: new Map(),
  authTokens: new Map(),
  endpoints: [],
}

function setUp(
  direction: 'incoming' | 'outgoing',
  options: Partial<WhatsAppLegOptions> = {},
  voipSettings?: FakeCall['voipSettings'],
  observers: Partial<Pick<LegContext, 'log' | 'tracer'>> = {},
) {
  const clock = new VirtualClock()
  const call = new FakeCall(direction)
  call.voipSettings = voipSettings
  const media: FakeMedia[] = []
  const openMedia = (request: WhatsAppMediaRequest) => {
    media.push(new FakeMedia(request))
    return media.at(-1) as unknown as WhatsAppMedia
  }
  const settings = { clock, openMedia, mediaTimeoutMs: TIMEOUT_MS, speaksOpus: false, redundancy: 'off', ...options }
  const { whatsApp, ...others } = context()
  const leg = new WhatsAppLeg(
    direction === 'incoming' ? call.incoming : call.outgoing,
    settings as WhatsAppLegOptions,
    { whatsApp, ...others, ...observers },
  )
  const events: LegEvent[] = []
  leg.events.on((event) => events.push(event))
  const answer = (peerSpeaksMlow?: boolean, peerUsesCopies?: boolean) =>
    call.events.emit({ type: 'answered', device: DEVICE, peerSpeaksMlow, peerUsesCopies })
  const openRelays = () => call.events.emit({ type: 'relays', relays })
  return { clock, call, media, leg, events, answer, openRelays, whatsApp }
}

it.each([
  [undefined, 0],
  [false, 0],
  [true, 1],
])('logs once that the server asks for an RTP clock of 48 kHz: %s', (use48kHzRtpClock, times) => {
  const lines: string[] = []
  const log = { ...silentLogger, info: (_: object, message: string) => void lines.push(message) }
  const { openRelays, answer } = setUp('outgoing', {}, { use48kHzRtpClock } as FakeCall['voipSettings'], { log })
  openRelays()
  openRelays()
  answer()
  expect(lines.filter((line) => line.includes('48 kHz'))).toHaveLength(times)
})

it('shows a tracer its media every five seconds of the call, and trace and log at the end', async () => {
  const records: CallTraceEvent[] = []
  const lines: unknown[] = []
  const { clock, leg, answer, openRelays, media } = setUp('outgoing', {}, undefined, {
    tracer: { isOn: true, record: (event) => records.push(event) },
    log: { ...silentLogger, info: (fields, message) => message === 'WhatsApp media' && lines.push(fields) },
  })
  openRelays()
  answer()
  media[0].lastHeardMs = Number.POSITIVE_INFINITY
  await clock.advance(10_000)
  expect(records).toHaveLength(2)
  expect(lines).toEqual([])
  const ended = leg.end('normal')
  media[0].finishClosing()
  await ended
  expect(records).toHaveLength(3)
  expect(records[2]).toMatchObject({ what: 'media', side: 'whatsapp', figures: { received: 10, replayed: 40 } })
  expect(lines).toEqual([expect.objectContaining({ received: 10, rejected: 3, relays: [] })])
})

it('tells a trunk which device is at the other end: the caller’s, or the one that answered', () => {
  expect(setUp('incoming').whatsApp.device).toBe(3)
  const { whatsApp, answer } = setUp('outgoing')
  expect(whatsApp.device).toBeUndefined()
  answer()
  expect(whatsApp.device).toBe(5)
})

describe('the media of a WhatsApp leg', () => {
  it('open with the relays, once, and send what the leg listens to', () => {
    const { leg, media, openRelays, call } = setUp('outgoing')
    const source: AudioSource = { pull: (out) => out.fill(0) }
    leg.listenTo(source)
    expect(media).toHaveLength(0)
    openRelays()
    openRelays()
    expect(media).toHaveLength(1)
    expect(media[0].request).toMatchObject({ callId: call.callId, callKey: call.callKey, self: call.self, relays })
    expect(media[0].source).toBe(source)
    const other: AudioSource = { pull: (out) => out.fill(1) }
    leg.listenTo(other)
    expect(media[0].source).toBe(other)
  })

  it('play the digits of the other side as tones, in the place of what the leg listens to', () => {
    const { leg, media, openRelays } = setUp('outgoing')
    leg.listenTo({ pull: (out) => out.fill(0.01) })
    leg.dtmf('1', 100)
    openRelays()
    const heard = () => {
      let digits = ''
      const pcm = new Float32Array(16_000)
      media[0]!.source!.pull(pcm)
      new ToneDetector((digit) => {
        digits += digit
      }).feed(pcm)
      return digits
    }
    expect(heard()).toBe('')
    for (const digit of '5#') leg.dtmf(digit, 120)
    expect(heard()).toBe('5#')
    leg.dtmf('7', 100)
    leg.listenTo({ pull: (out) => out.fill(0.02) })
    expect(heard()).toBe('')
  })

  it('are silence before they are there', () => {
    const { leg, openRelays } = setUp('outgoing')
    const heard = new Float32Array(2).fill(9)
    leg.audio.pull(heard)
    expect([...heard]).toEqual([0, 0])
    expect(leg.quality()).toBeUndefined()
    openRelays()
    leg.audio.pull(heard)
    expect([...heard]).toEqual([0.5, 0.5])
  })

  it('take the device that answers for the peer, whichever of relays and answer comes first', () => {
    const early = setUp('outgoing')
    early.openRelays()
    expect(early.media[0].done).toEqual([])
    early.answer()
    const late = setUp('outgoing')
    late.answer()
    late.openRelays()
    for (const { media, events } of [early, late]) {
      expect(media[0].done).toEqual([`peer ${DEVICE}`])
      expect(events).toEqual([{ type: 'answered' }])
    }
  })

  it('take the caller for the peer from the start', () => {
    const { media, openRelays, call } = setUp('incoming')
    openRelays()
    expect(media[0].done).toEqual([`peer ${call.caller}`])
  })

  it('change their key when the answering device brings another', () => {
    const { media, openRelays, call } = setUp('outgoing')
    openRelays()
    call.events.emit({ type: 'keyChanged', callKey: Uint8Array.of(7) })
    expect(media[0].done).toEqual(['key 7'])
  })

  it('tell the peer of bound relays at any time, of relays dialled again only after the answer', () => {
    const { media, openRelays, call, answer } = setUp('outgoing')
    openRelays()
    media[0].request.onRelayBound({ relayName: 'r', rttMs: 5, endpoint: { address: '192.0.2.1', port: 3480 } } as never)
    media[0].request.onRelayRedialled()
    expect(call.told).toEqual(['bound 1'])
    answer()
    media[0].request.onRelayRedialled()
    expect(call.told).toEqual(['bound 1', 'renew'])
  })

  it('have no rejects in copies that came over other relays', () => {
    const { leg, openRelays } = setUp('outgoing')
    openRelays()
    expect(leg.quality()).toEqual({
      received: 10,
      sent: 9,
      lost: 1,
      late: 2,
      rejected: 3,
      recovered: 3,
      concealedMs: 60,
      jitterMs: 3,
      mutedMs: 0,
    })
  })

  it('count for how long the peer was muted, whatever it repeats', async () => {
    const { leg, clock, call, openRelays } = setUp('outgoing')
    openRelays()
    const mutedMs = () => leg.quality()!.mutedMs
    const mute = (muted: boolean) => call.events.emit({ type: 'muted', muted })
    mute(false)
    mute(true)
    await clock.advance(300)
    expect(mutedMs()).toBe(300)
    mute(true)
    await clock.advance(200)
    mute(false)
    await clock.advance(1000)
    mute(true)
    await clock.advance(50)
    expect(mutedMs()).toBe(550)
  })

  it.each<[string, Partial<WhatsAppLegOptions>, object | undefined, boolean | undefined, boolean]>([
    ['nobody says no to MLow', {}, undefined, undefined, false],
    ['the peer has it', {}, { useMlow: true }, true, false],
    ['the setting says Opus', { speaksOpus: true }, undefined, true, true],
    ['the server says no', {}, { useMlow: false }, undefined, true],
    ['the peer says no', {}, undefined, false, true],
  ])('speak Opus or not: %s', (_, options, voipSettings, peerSpeaksMlow, speaksOpus) => {
    const { media, openRelays, answer } = setUp('outgoing', options, voipSettings as FakeCall['voipSettings'])
    openRelays()
    answer(peerSpeaksMlow)
    expect(media[0].done.includes('opus')).toBe(speaksOpus)
  })

  it.each([
    ['off', 1, true, 'off', 'off'],
    ['always', 0, false, 'always', 'always'],
    ['negotiated', undefined, undefined, 'off', 'off'],
    ['negotiated', undefined, false, 'off', 'off'],
    ['negotiated', undefined, true, 'off', 'on-loss'],
    ['negotiated', 0, true, 'off', 'off'],
    ['negotiated', 1, undefined, 'on-loss', 'on-loss'],
  ])(
    'are sent twice: %s at level %s to a peer that takes copies: %s',
    (redundancy, redundancyLevel, takes, ...policies) => {
      const options = { redundancy } as Partial<WhatsAppLegOptions>
      const settings = { redundancyLevel } as FakeCall['voipSettings']
      const { media, openRelays, answer } = setUp('outgoing', options, settings)
      openRelays()
      answer(undefined, takes)
      expect([media[0].request.redundancy, media[0].redundancy]).toEqual(policies)
      const late = setUp('outgoing', options, settings)
      late.answer(undefined, takes)
      late.openRelays()
      expect(late.media[0].request.redundancy).toBe(policies[1])
    },
  )
})

describe('a WhatsApp leg that hears nothing', () => {
  it.each<[number, CallCause]>([
    [1, 'media-timeout'],
    [0, 'relay-lost'],
  ])('with %i open relays ends as %s', async (openRelays, cause) => {
    const line = setUp('outgoing')
    line.openRelays()
    line.media[0].openRelays = openRelays
    await line.clock.advance(2 * TIMEOUT_MS)
    expect(line.events).toEqual([])
    line.answer()
    await line.clock.advance(TIMEOUT_MS - 1)
    expect(line.events).toEqual([{ type: 'answered' }])
    await line.clock.advance(1)
    expect(line.events).toEqual([{ type: 'answered' }, { type: 'ended', cause }])
    expect(line.call.told).toEqual(['terminate'])
    expect(line.media[0].done.at(-1)).toBe('close')
    expect(line.clock.pendingTimers).toBe(0)
  })

  it('since it was answered without relays is lost too', async () => {
    const { clock, answer, events } = setUp('outgoing')
    answer()
    await clock.advance(TIMEOUT_MS)
    expect(events.at(-1)).toEqual({ type: 'ended', cause: 'relay-lost' })
  })

  it('goes on as long as it hears something now and then', async () => {
    const { clock, answer, openRelays, media, events } = setUp('outgoing')
    openRelays()
    answer()
    for (let i = 0; i < 3; i++) {
      await clock.advance(TIMEOUT_MS - 1000)
      media[0].lastHeardMs = clock.nowMs()
    }
    expect(events).toEqual([{ type: 'answered' }])
    await clock.advance(TIMEOUT_MS)
    expect(events.at(-1)).toEqual({ type: 'ended', cause: 'media-timeout' })
  })
})

describe('how a WhatsApp leg ends', () => {
  it.each<[CallCause, string]>([
    ['cancelled', 'leave'],
    ['answered-elsewhere', 'leave'],
    ['extension-no-answer', 'leave'],
    ['overload', 'leave'],
    ['shutting-down', 'leave'],
    ['no-common-codec', 'leave'],
    ['extension-busy', 'reject busy'],
    ['extension-declined', 'reject'],
    ['extension-not-found', 'reject'],
    ['media-timeout', 'reject'],
  ])('an offered call, by %s: %s', async (cause, told) => {
    const { leg, call, events } = setUp('incoming')
    await leg.end(cause)
    await leg.end('normal')
    expect(call.told).toEqual([told])
    expect(events).toEqual([])
  })

  it.each<[CallCause, string]>([
    ['extension-no-answer', 'reject'],
    ['extension-busy', 'reject'],
    ['extension-unreachable', 'leave'],
    ['signalling-timeout', 'leave'],
    ['shutting-down', 'leave'],
    ['answered-elsewhere', 'leave'],
  ])('an offered call on which the PBX decides alone, by %s: %s', async (cause, told) => {
    const { leg, call } = setUp('incoming', { isExclusive: true })
    await leg.end(cause)
    expect(call.told).toEqual([told])
  })

  it('a call that we made or that was answered is terminated, whatever the cause', async () => {
    for (const cause of ALL_CAUSES) {
      const made = setUp('outgoing')
      await made.leg.end(cause)
      expect(made.call.told).toEqual(['terminate'])
      const answered = setUp('incoming')
      answered.leg.answer()
      answered.answer()
      await answered.leg.end(cause)
      expect(answered.call.told).toEqual(['accept', 'terminate'])
      expect(answered.clock.pendingTimers).toBe(0)
    }
  })

  const CAUSES: Readonly<Record<CallEnd, CallCause>> = {
    'hung-up': 'normal',
    'hung-up-here': 'normal',
    cancelled: 'cancelled',
    declined: 'declined',
    'declined-here': 'declined',
    busy: 'busy',
    unavailable: 'no-answer',
    unreachable: 'no-answer',
    'no-answer': 'no-answer',
    'answered-elsewhere': 'answered-elsewhere',
    'declined-elsewhere': 'declined-elsewhere',
    restricted: 'account-restricted',
    refused: 'whatsapp-error',
    'no-ack': 'signalling-timeout',
    'no-relay': 'signalling-timeout',
    'bad-accept': 'no-common-codec',
    'no-key': 'whatsapp-error',
    'setup-failed': 'internal-error',
    offline: 'account-offline',
    'logged-out': 'account-logged-out',
    replaced: 'account-replaced',
    banned: 'account-banned',
    limit: 'account-busy',
    glare: 'busy',
    shutdown: 'shutting-down',
  }
  it.each(Object.entries(CAUSES) as [CallEnd, CallCause][])('by the call itself, %s: %s', (end, cause) => {
    const { call, events, media, openRelays, clock } = setUp('outgoing')
    call.events.emit({ type: 'ringing' })
    call.events.emit({ type: 'ended', cause: end })
    expect(events).toEqual([{ type: 'ringing' }, { type: 'ended', cause }])
    openRelays()
    expect(media).toHaveLength(0)
    expect(call.told).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('when its media are closed', async () => {
    const { leg, media, openRelays, answer } = setUp('outgoing')
    openRelays()
    answer()
    let hasEnded = false
    const ending = leg.end('normal').then(() => {
      hasEnded = true
    })
    await Promise.resolve()
    expect(hasEnded).toBe(false)
    media[0].finishClosing()
    await ending
    expect(media[0].done.filter((what) => what === 'close')).toHaveLength(1)
  })

  it('tells the peer of hold by mute, and of ringing nothing', () => {
    const { leg, call } = setUp('incoming')
    leg.ring()
    leg.hold(true)
    leg.hold(false)
    expect(call.told).toEqual(['mute', 'unmute'])
  })
})
