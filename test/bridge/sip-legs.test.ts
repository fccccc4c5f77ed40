import { describe, expect, it } from 'vitest'
import type { CallCause } from '../../src/bridge/cause.ts'
import { PortRange } from '../../src/media/rtp/port-range.ts'
import type { SessionEnd } from '../../src/sip/sip-engine.ts'
import { GATEWAY, until } from './fakes.ts'
import { Line, pbxSdp, RING_MS, RTP_PORT, TIMEOUT_MS, UNKNOWN_CODEC } from './sip-line.ts'

const ended = (by: SessionEnd['by'], status: number) => (line: Line) => line.session.endBy(by, status)

describe('a call from the PBX', () => {
  it('rings, is answered in the codec that was offered, and sounds', async () => {
    const line = await new Line().take().answered()
    line.leg.ring()
    line.leg.answer()
    expect(line.session.told).toEqual(['accept', 'ring'])
    expect(line.session.sdp).toContain(`m=audio ${RTP_PORT} RTP/AVP 8\r\n`)
    expect(line.session.sdp).toContain(`c=IN IP4 ${GATEWAY}\r\n`)
    expect(line.session.sent).toContainEqual({ name: 'X-Correlation-ID', value: 'c1' })
    expect(line.leg.quality()?.sent).toBeGreaterThan(0)
    await line.leg.end('normal')
    expect(line.session.told.at(-1)).toBe('end q850=16')
    await line.expectNothingLeft()
  })

  it('tells a phone none of our ids', async () => {
    const line = new Line()
    line.session.peer = { kind: 'user', username: 'desk' }
    await line.answered()
    expect(line.session.sent).toEqual([])
    await line.expectNothingLeft()
  })

  it.each<[CallCause, number | undefined, string]>([
    ['declined', undefined, 'reject 603 q850=21'],
    ['busy', undefined, 'reject 486 q850=17'],
    ['not-on-whatsapp', undefined, 'reject 404 q850=1'],
    ['no-answer', undefined, 'reject 480 q850=19'],
    ['account-offline', undefined, 'reject 503 q850=38 retryAfterS=10'],
    ['dial-limit', 42, 'reject 503 q850=42 retryAfterS=42'],
    ['stranger-restricted', 7, 'reject 480 q850=21 retryAfterS=7'],
    ['account-restricted', 7, 'reject 503 q850=42 retryAfterS=7'],
  ])('is refused for %s (%s)', async (cause, retryAfterS, told) => {
    const line = new Line().take()
    await line.leg.end(cause, retryAfterS)
    expect(line.session.told).toEqual([told])
    expect(line.events).toEqual([])
    await line.expectNothingLeft()
  })

  it.each([
    ['nothing that we speak', pbxSdp('sendrecv', UNKNOWN_CODEC)],
    ['what is no SDP', 'v=1\r\n'],
  ])('that offers %s gets 488', async (_, offer) => {
    const line = new Line().take(offer)
    await until(() => line.events.length > 0)
    expect(line.session.told).toEqual(['reject 488 q850=88'])
    line.leg.answer()
    line.leg.ring()
    expect(line.session.told).toHaveLength(1)
    await line.expectOver('no-common-codec')
  })

  it('that WhatsApp answers and ends before our SDP is there is told why', async () => {
    const line = new Line().take()
    line.leg.answer()
    await line.leg.end('relay-lost')
    expect(line.session.told).toEqual(['reject 480 q850=41'])
    const offline = new Line().take()
    offline.leg.answer()
    await offline.leg.end('account-offline')
    expect(offline.session.told).toEqual(['reject 503 q850=38 retryAfterS=10'])
    await line.expectNothingLeft()
    await offline.expectNothingLeft()
  })

  it('for which no port is free gets 503', async () => {
    const ports = new PortRange(RTP_PORT, RTP_PORT + 3)
    const taken = [ports.take(), ports.take()]
    const line = new Line(ports).take()
    await until(() => line.events.length > 0)
    expect(line.session.told).toEqual(['reject 503 q850=42 retryAfterS=5'])
    for (const port of taken) ports.release(port ?? 0)
    await line.expectOver('overload')
  })

  it('without an offer gets ours in the 200, and sounds when the ACK has answered it', async () => {
    const line = new Line().takeWithoutOffer()
    await line.openPhone()
    line.leg.answer()
    await until(() => line.session.told.includes('accept'))
    expect(line.session.sdp).toContain(`m=audio ${RTP_PORT} RTP/AVP 9 8 101\r\n`)
    await line.clock.advance(200)
    expect(line.heard).toBe(0)
    line.session.events.emit({ type: 'established', sdp: pbxSdp() })
    await line.hearing()
    await line.expectNothingLeft()
  })

  it('whose ACK answers with nothing that we offered is ended', async () => {
    const line = new Line().takeWithoutOffer()
    line.leg.answer()
    await until(() => line.session.told.includes('accept'))
    line.session.events.emit({ type: 'established', sdp: pbxSdp('sendrecv', UNKNOWN_CODEC) })
    await until(() => line.events.length > 0)
    expect(line.session.told).toEqual(['accept', 'end q850=88'])
    await line.expectOver('no-common-codec')
  })

  it.each<[string, (line: Line) => void, CallCause]>([
    ['cancelled', ended('remote', 487), 'cancelled'],
    ['lost by its transport', ended('transport', 503), 'signalling-timeout'],
  ])('is %s before the answer', async (_, end, cause) => {
    const line = new Line().take()
    end(line)
    expect(line.session.told).toEqual([])
    await line.expectOver(cause)
  })

  it.each<[string, (line: Line) => void, CallCause]>([
    ['the PBX', ended('remote', 200), 'normal'],
    ['a lost ACK or session timer', ended('timeout', 408), 'signalling-timeout'],
    ['its transport', ended('transport', 503), 'signalling-timeout'],
  ])('is ended by %s after the answer', async (_, end, cause) => {
    const line = await new Line().answered()
    end(line)
    expect(line.session.told).toEqual(['accept'])
    await line.expectOver(cause)
  })
})

describe('a SIP call that is up', () => {
  it('is held and comes back, by an offer and by an answer', async () => {
    const line = await new Line().answered()
    expect(line.session.offerAgain(pbxSdp('inactive'))).toBe('accept')
    expect(line.session.sdp).toContain('a=inactive')
    expect(line.session.offerAgain(pbxSdp('inactive'))).toBe('accept')
    expect(line.session.offerAgain(undefined)).toBe('accept')
    expect(line.session.sdp).toContain('a=sendrecv')
    line.session.events.emit({ type: 'answer', sdp: pbxSdp() })
    await until(() => line.events.length === 2)
    expect(line.events).toEqual([
      { type: 'held', held: true },
      { type: 'held', held: false },
    ])
    await line.hearing()
    await line.expectNothingLeft()
  })

  it('that is held with music is not held for the other side, and gets nothing', async () => {
    const line = await new Line().answered()
    expect(line.session.offerAgain(pbxSdp('sendonly'))).toBe('accept')
    await line.clock.advance(40)
    const { heard } = line
    await line.clock.advance(400)
    expect(line.heard).toBe(heard)
    expect(line.events).toEqual([])
    await line.expectNothingLeft()
  })

  it('refuses an offer of nothing that we speak, and goes on as before', async () => {
    const line = await new Line().answered()
    expect(line.session.offerAgain(pbxSdp('sendrecv', UNKNOWN_CODEC))).toBe('reject 488')
    expect(line.session.offerAgain('v=1\r\n')).toBe('reject 488')
    expect(line.events).toEqual([])
    await line.hearing()
    await line.expectNothingLeft()
  })

  it('passes on digits that came by INFO', async () => {
    const line = await new Line().answered()
    line.session.events.emit({ type: 'dtmf', digit: '#', durationMs: 120 })
    expect(line.events).toEqual([{ type: 'dtmf', digit: '#', durationMs: 120 }])
    await line.expectNothingLeft()
  })

  it('is ended when neither RTP nor RTCP comes; RTCP alone keeps it', async () => {
    const line = await new Line().answered()
    for (let i = 0; i < 3; i++) {
      line.report()
      await line.clock.advance(TIMEOUT_MS - 500)
    }
    expect(line.events).toEqual([])
    await line.clock.advance(TIMEOUT_MS)
    expect(line.session.told).toEqual(['accept', 'end q850=41'])
    await line.expectOver('media-timeout')
  })

  it('may be silent as long as it is held', async () => {
    const line = await new Line().answered()
    line.session.offerAgain(pbxSdp('inactive'))
    await line.clock.advance(3 * TIMEOUT_MS)
    expect(line.events).toEqual([{ type: 'held', held: true }])
    await line.expectNothingLeft()
  })
})

describe('a call to an extension', () => {
  it('that is sent on offers anew, with the address of its new way', async () => {
    const line = new Line().dial()
    await until(() => line.invited !== undefined)
    expect(line.session.sdp).toContain(`c=IN IP4 ${GATEWAY}\r\n`)
    expect(line.invited?.offer('192.0.2.7', false)).toContain('c=IN IP4 192.0.2.7\r\n')
    await line.leg.end('normal')
    await line.expectNothingLeft()
  })

  it('offers our codecs, rings, is answered, and sounds', async () => {
    const line = new Line().dial()
    await until(() => line.invited !== undefined)
    expect(line.session.sdp).toContain(`m=audio ${RTP_PORT} RTP/AVP 9 8 101\r\n`)
    expect(line.invited).toMatchObject({ caller: { user: '49151' } })
    expect(line.invited?.headers).toContainEqual({ name: 'X-WA-Account', value: 'main' })
    line.session.events.emit({ type: 'progress', status: 180, sdp: undefined })
    await line.established()
    expect(line.events).toEqual([{ type: 'ringing' }, { type: 'answered' }])
    await line.hearing()
    await line.leg.end('normal')
    expect(line.session.told).toEqual(['end q850=16'])
    await line.expectNothingLeft()
  })

  it.each<[number, SessionEnd['by'], CallCause]>([
    [404, 'remote', 'extension-not-found'],
    [486, 'remote', 'extension-busy'],
    [480, 'remote', 'extension-no-answer'],
    [603, 'remote', 'extension-declined'],
    [488, 'remote', 'no-common-codec'],
    [503, 'remote', 'overload'],
    [500, 'remote', 'extension-unreachable'],
    [403, 'remote', 'extension-unreachable'],
    [408, 'timeout', 'signalling-timeout'],
    [503, 'transport', 'signalling-timeout'],
  ])('that ends by %i (%s) is %s', async (status, by, cause) => {
    const line = new Line().dial()
    await until(() => line.invited !== undefined)
    line.session.endBy(by, status)
    expect(line.session.told).toEqual([])
    await line.expectOver(cause)
  })

  it.each<[SessionEnd['by'], CallCause]>([
    ['remote', 'normal'],
    ['timeout', 'signalling-timeout'],
    ['transport', 'signalling-timeout'],
  ])('that was answered and is ended by %s is %s', async (by, cause) => {
    const line = await new Line().dial().established()
    line.session.endBy(by, 200)
    await line.expectOver(cause)
  })

  it('is given up when nobody answers in time', async () => {
    const line = new Line().dial()
    await until(() => line.invited !== undefined)
    await line.clock.advance(RING_MS - 1)
    expect(line.events).toEqual([])
    await line.clock.advance(1)
    expect(line.session.told).toEqual(['end q850=19'])
    await line.expectOver('extension-no-answer')
  })

  it('says to a phone that another one has answered', async () => {
    const line = new Line().dial()
    await until(() => line.invited !== undefined)
    await line.leg.end('answered-elsewhere')
    expect(line.session.told).toEqual(['end q850=26 sip=200'])
    expect(line.events).toEqual([])
    await line.expectNothingLeft()
  })

  it('that is given up before its INVITE went out sends none', async () => {
    const line = new Line().dial()
    await line.leg.end('cancelled')
    expect(line.network.openSockets).toBe(0)
    await line.clock.advance(RING_MS)
    expect(line.invited).toBeUndefined()
    await line.expectNothingLeft()
  })

  it('that is answered with nothing that we offered is ended', async () => {
    const line = await new Line().dial().established(pbxSdp('sendrecv', UNKNOWN_CODEC))
    expect(line.session.told).toEqual(['end q850=88'])
    await line.expectOver('no-common-codec')
  })
})
