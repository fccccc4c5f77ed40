import { describe, expect, it } from 'vitest'
import { buildAcceptWithCapability, buildAcceptWithKey } from '../../../src/whatsapp/stanza/accept.ts'
import { buildCall } from '../../../src/whatsapp/stanza/call.ts'
import { buildCallAck } from '../../../src/whatsapp/stanza/call-ack.ts'
import { capabilityBlob, speaksMlow, usesCopies } from '../../../src/whatsapp/stanza/capability.ts'
import { buildMute } from '../../../src/whatsapp/stanza/mute.ts'
import { buildOffer } from '../../../src/whatsapp/stanza/offer.ts'
import { buildPreaccept } from '../../../src/whatsapp/stanza/preaccept.ts'
import { buildCallReceipt } from '../../../src/whatsapp/stanza/receipt.ts'
import { buildReject } from '../../../src/whatsapp/stanza/reject.ts'
import { buildRelayLatency } from '../../../src/whatsapp/stanza/relaylatency.ts'
import { buildTerminate } from '../../../src/whatsapp/stanza/terminate.ts'
import { buildTransport } from '../../../src/whatsapp/stanza/transport.ts'
import { ascii, hex, n } from './nodes.ts'

const CALL = { callId: '0F1E2D3C4B5A69788796A5B4C3D2E1F0', callCreator: '900000000000001:3@lid' }
const ATTRS = { 'call-id': CALL.callId, 'call-creator': CALL.callCreator }

describe('offer', () => {
  const base = {
    ...CALL,
    privacyToken: undefined,
    audioRatesHz: [8000, 16_000],
    capability: capabilityBlob('offer', 'mlow'),
    deviceIdentity: undefined,
  }

  it('has its children in the order that the server checks', () => {
    const offer = buildOffer({
      ...base,
      privacyToken: hex('aa bb'),
      keys: [
        { jid: '123@lid', type: 'pkmsg', ciphertext: hex('01') },
        { jid: '123:7@lid', type: 'msg', ciphertext: hex('02') },
      ],
      deviceIdentity: hex('cc'),
    })
    expect(offer).toStrictEqual(
      n('offer', ATTRS, [
        n('privacy', {}, hex('aa bb')),
        n('audio', { enc: 'opus', rate: '8000' }),
        n('audio', { enc: 'opus', rate: '16000' }),
        n('net', { medium: '3' }),
        n('capability', { ver: '1' }, hex('01 05 f7 09 e0 bb 13')),
        n('destination', {}, [
          n('to', { jid: '123@lid' }, [n('enc', { v: '2', type: 'pkmsg', count: '0' }, hex('01'))]),
          n('to', { jid: '123:7@lid' }, [n('enc', { v: '2', type: 'msg', count: '0' }, hex('02'))]),
        ]),
        n('encopt', { keygen: '2' }),
        n('device-identity', {}, hex('cc')),
      ]),
    )
  })

  it('leaves out privacy token and device identity when neither is needed', () => {
    const offer = buildOffer({
      ...base,
      keys: [{ jid: '123@lid', type: 'msg', ciphertext: hex('01') }],
      deviceIdentity: hex('cc'),
    })
    expect((offer.content as readonly { tag: string }[]).map((child) => child.tag)).toStrictEqual([
      'audio',
      'audio',
      'net',
      'capability',
      'destination',
      'encopt',
    ])
  })

  it('goes in a <call> with id and receiver', () => {
    expect(buildCall('123@lid', 'A1', n('offer', ATTRS))).toStrictEqual(
      n('call', { to: '123@lid', id: 'A1' }, [n('offer', ATTRS)]),
    )
  })
})

describe('capability', () => {
  it('clears bit 31 for Opus', () => {
    expect(capabilityBlob('offer', 'opus')).toStrictEqual(hex('01 05 f7 09 e0 3b 13'))
    expect(capabilityBlob('preaccept', 'opus')).toStrictEqual(hex('01 05 f7 09 e0 3b 07'))
    expect(speaksMlow(hex('01 05 f7 09 e4 bb 07'))).toBe(true)
    expect(speaksMlow(hex('01 05 f7 09 e0 3b 13'))).toBe(false)
    expect(speaksMlow(hex('01 05 f7'))).toBeUndefined()
  })

  it('says by bit 36 that packets with copies are used', () => {
    expect(usesCopies(hex('01 05 f7 09 e0 bb 13'))).toBe(true)
    expect(usesCopies(hex('01 05 f7 09 e0 bb 07'))).toBe(false)
    expect(usesCopies(hex('01 05 f7 09 e0 bb'))).toBeUndefined()
  })

  it('gives each caller its own bytes', () => {
    capabilityBlob('offer', 'mlow').fill(0)
    expect(capabilityBlob('offer', 'mlow')).toStrictEqual(hex('01 05 f7 09 e0 bb 13'))
  })
})

it('preaccept: audio, encopt, capability', () => {
  expect(buildPreaccept(CALL, 'mlow')).toStrictEqual(
    n('preaccept', ATTRS, [
      n('audio', { enc: 'opus', rate: '16000' }),
      n('encopt', { keygen: '2' }),
      n('capability', { ver: '1' }, hex('01 05 f7 09 e0 bb 07')),
    ]),
  )
})

describe('accept', () => {
  it('with key: audio, net 3, enc, encopt, device-identity', () => {
    const key = { jid: CALL.callCreator, type: 'pkmsg' as const, ciphertext: hex('0102') }
    expect(buildAcceptWithKey({ ...CALL, key, deviceIdentity: hex('dd') })).toStrictEqual(
      n('accept', ATTRS, [
        n('audio', { enc: 'opus', rate: '16000' }),
        n('net', { medium: '3' }),
        n('enc', { v: '2', type: 'pkmsg', count: '0' }, hex('0102')),
        n('encopt', { keygen: '2' }),
        n('device-identity', {}, hex('dd')),
      ]),
    )
  })

  it('with key: no device-identity beside a msg', () => {
    const key = { jid: CALL.callCreator, type: 'msg' as const, ciphertext: hex('0102') }
    const accept = buildAcceptWithKey({ ...CALL, key, deviceIdentity: undefined })
    expect((accept.content as readonly { tag: string }[]).map((child) => child.tag)).toStrictEqual([
      'audio',
      'net',
      'enc',
      'encopt',
    ])
  })

  it('with capability: audio, net 2, encopt, metadata, capability, rte, voip_settings', () => {
    const metadata = { bucket: '', bucketIdList: '125208,94276' }
    expect(buildAcceptWithCapability({ ...CALL, codec: 'opus', metadata, rte: hex('2da0ee43c6c3') })).toStrictEqual(
      n('accept', ATTRS, [
        n('audio', { enc: 'opus', rate: '16000' }),
        n('net', { medium: '2' }),
        n('encopt', { keygen: '2' }),
        n('metadata', { peer_abtest_bucket: '', peer_abtest_bucket_id_list: '125208,94276' }),
        n('capability', { ver: '1' }, hex('01 05 f7 09 e0 3b 13')),
        n('rte', {}, hex('2da0ee43c6c3')),
        n(
          'voip_settings',
          { uncompressed: '1' },
          ascii('{"encode":{"use_mlow_codec_v1":"false"},"options":{"enable_48khz_rtp_clock":"false"}}'),
        ),
      ]),
    )
  })

  it('with capability and MLow: only what the offer brought goes back', () => {
    expect(buildAcceptWithCapability({ ...CALL, codec: 'mlow', metadata: undefined, rte: undefined })).toStrictEqual(
      n('accept', ATTRS, [
        n('audio', { enc: 'opus', rate: '16000' }),
        n('net', { medium: '2' }),
        n('encopt', { keygen: '2' }),
        n('capability', { ver: '1' }, hex('01 05 f7 09 e0 bb 13')),
      ]),
    )
  })
})

it('transport 1/1', () => {
  expect(buildTransport(CALL)).toStrictEqual(
    n('transport', { ...ATTRS, 'transport-message-type': '1', 'p2p-cand-round': '1' }, [
      n('net', { medium: '2', protocol: '0' }),
    ]),
  )
})

describe('relaylatency', () => {
  it('adds the round trip to 0x2000000 and writes the address in 6 bytes', () => {
    const latency = { relayName: 'gru1c02', endpoint: { address: '203.0.113.9', port: 3480 }, rttMs: 41.6 }
    expect(buildRelayLatency(CALL, latency)).toStrictEqual(
      n('relaylatency', ATTRS, [n('te', { latency: '33554474', relay_name: 'gru1c02' }, hex('cb 00 71 09 0d 98'))]),
    )
  })

  it('writes an IPv6 address in 18 bytes', () => {
    const endpoint = { address: '2001:db8:0:0:0:0:0:1', port: 3478 }
    expect(buildRelayLatency(CALL, { relayName: 'fra5c01', endpoint, rttMs: 0 })).toStrictEqual(
      n('relaylatency', ATTRS, [
        n(
          'te',
          { latency: '33554432', relay_name: 'fra5c01' },
          hex('20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 0d 96'),
        ),
      ]),
    )
  })
})

it('mute_v2', () => {
  expect(buildMute(CALL, true)).toStrictEqual(n('mute_v2', { ...ATTRS, 'mute-state': '1' }))
  expect(buildMute(CALL, false)).toStrictEqual(n('mute_v2', { ...ATTRS, 'mute-state': '0' }))
})

it('reject', () => {
  expect(buildReject(CALL)).toStrictEqual(n('reject', { ...ATTRS, count: '0' }))
  expect(buildReject(CALL, 'busy')).toStrictEqual(n('reject', { ...ATTRS, count: '0', reason: 'busy' }))
})

it('terminate, for one device and for several', () => {
  expect(buildTerminate(CALL)).toStrictEqual(n('terminate', ATTRS))
  expect(buildTerminate(CALL, 'timeout')).toStrictEqual(n('terminate', { ...ATTRS, reason: 'timeout' }))
  expect(buildTerminate(CALL, 'accepted_elsewhere', ['123@lid', '123:9@lid'])).toStrictEqual(
    n('terminate', { ...ATTRS, reason: 'accepted_elsewhere' }, [
      n('destination', {}, [n('to', { jid: '123@lid' }), n('to', { jid: '123:9@lid' })]),
    ]),
  )
})

describe('ack', () => {
  it('names the action and goes back the way the stanza came', () => {
    const call = n('call', { from: '123:7@lid', id: 'S1', t: '1760000000', participant: '5@lid', recipient: '6@lid' }, [
      n('transport', ATTRS),
    ])
    expect(buildCallAck(call)).toStrictEqual(
      n('ack', {
        class: 'call',
        type: 'transport',
        id: 'S1',
        to: '123:7@lid',
        participant: '5@lid',
        recipient: '6@lid',
      }),
    )
  })

  it('is there for a <call> without action, and not without id or sender', () => {
    expect(buildCallAck(n('call', { from: '1@lid', id: 'S' }))).toStrictEqual(
      n('ack', { class: 'call', id: 'S', to: '1@lid' }),
    )
    expect(buildCallAck(n('call', { from: '1@lid' }, [n('offer')]))).toBeUndefined()
    expect(buildCallAck(n('call', { id: 'S' }, [n('offer')]))).toBeUndefined()
  })
})

it('receipt', () => {
  expect(buildCallReceipt('offer', CALL, { id: 'S1', from: '123:7@lid' }, '9:3@lid')).toStrictEqual(
    n('receipt', { to: '123:7@lid', id: 'S1', from: '9:3@lid' }, [n('offer', ATTRS)]),
  )
})
