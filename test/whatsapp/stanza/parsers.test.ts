import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../../src/base/errors.ts'
import { buildAcceptWithKey, parseAccept } from '../../../src/whatsapp/stanza/accept.ts'
import { addressBytes, parseAddress } from '../../../src/whatsapp/stanza/address.ts'
import { parseCall, parseIdentity, parseReason } from '../../../src/whatsapp/stanza/call.ts'
import { buildCallAck, parseAckError, parseOfferAck } from '../../../src/whatsapp/stanza/call-ack.ts'
import { buildMute, parseMute } from '../../../src/whatsapp/stanza/mute.ts'
import { buildOffer, encFor, parseOffer } from '../../../src/whatsapp/stanza/offer.ts'
import { parseOfferReceipt } from '../../../src/whatsapp/stanza/receipt.ts'
import { parseRelayBlock } from '../../../src/whatsapp/stanza/relay-block.ts'
import { buildRelayLatency, parseRelayLatency } from '../../../src/whatsapp/stanza/relaylatency.ts'
import { parseVoipSettings } from '../../../src/whatsapp/stanza/voip-settings.ts'
import type { WaNode } from '../../../src/whatsapp/wa-client.ts'
import { ascii, hex, n } from './nodes.ts'

const CALL = { callId: 'ID1', callCreator: '9:3@lid' }
const ATTRS = { 'call-id': 'ID1', 'call-creator': '9:3@lid' }

const PARSERS: Readonly<Record<string, (node: WaNode) => unknown>> = {
  parseCall,
  parseIdentity,
  parseReason,
  parseOffer,
  parseAccept,
  parseMute,
  parseRelayLatency,
  parseRelayBlock,
  parseVoipSettings,
  parseOfferAck,
  parseAckError,
  parseOfferReceipt,
}

const tag = fc.oneof(
  fc.constantFrom(
    ...['call', 'offer', 'audio', 'capability', 'destination', 'to', 'enc', 'relay', 'participant', 'key', 'hbh_key'],
    ...['warp_mi_tag_len', 'token', 'auth_token', 'te2', 'te', 'user', 'device', 'voip_settings', 'error', 'rte'],
    ...['metadata', 'video', '__proto__'],
  ),
  fc.string({ maxLength: 12 }),
)
const attributeName = fc.constantFrom(
  ...['id', 'from', 't', 'call-id', 'call-creator', 'type', 'enc', 'rate', 'jid', 'pid', 'latency', 'relay_name'],
  ...['token_id', 'auth_token_id', 'protocol', 'is_fna', 'c2r_rtt', 'uncompressed', 'error', 'code', 'mute-state'],
  ...['reason', 'caller_pn', 'group-jid', 'self_pid'],
)
const value = fc.oneof(
  fc.string(),
  fc.constantFrom('1', '0', 'opus', 'msg', '123:7@lid', '16000', '33554440', '-1', '1e9', 'NaN'),
  fc.constant('x'.repeat(600)),
)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 6, maxLength: 6 }),
  fc.uint8Array({ minLength: 18, maxLength: 18 }),
  fc.json().map(ascii),
  fc.constant(new Uint8Array(5000)),
)
const { tree } = fc.letrec<{ tree: WaNode }>((tie) => ({
  tree: fc.record({
    tag,
    attrs: fc.dictionary(attributeName, value, { maxKeys: 6 }),
    content: fc.oneof(
      { maxDepth: 5 },
      fc.constant(undefined),
      bytes,
      fc.string(),
      fc.array(tie('tree'), { maxLength: 6 }),
    ),
  }),
}))

describe('hostile stanzas', () => {
  it.each(Object.entries(PARSERS))('%s throws nothing but ParseError', (_, parse) => {
    fc.assert(
      fc.property(tree, (node) => {
        try {
          parse(node)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('an ack is built for every stanza with id and sender', () => {
    fc.assert(
      fc.property(tree, (node) => {
        const ack = buildCallAck(node)
        expect(ack !== undefined).toBe(Boolean(node.attrs.id && node.attrs.from))
      }),
    )
  })

  it.each([
    [
      'children',
      n(
        'offer',
        ATTRS,
        Array.from({ length: 257 }, () => n('x')),
      ),
      parseOffer,
    ],
    ['an attribute', n('offer', { ...ATTRS, caller_pn: 'x'.repeat(513) }), parseOffer],
    ['ciphertext', n('offer', ATTRS, [n('enc', { type: 'msg' }, new Uint8Array(4097))]), parseOffer],
    ['relays', n('relay', {}, [n('key', {}, 'k'), ...Array.from({ length: 65 }, () => n('te2'))]), parseRelayBlock],
    ['a token', n('relay', {}, [n('key', {}, 'k'), n('token', {}, new Uint8Array(1025))]), parseRelayBlock],
    ['settings', n('x', {}, [n('voip_settings', { uncompressed: '1' }, new Uint8Array(262_145))]), parseVoipSettings],
  ])('too much of %s is refused', (_, node, parse) => {
    expect(() => parse(node)).toThrow(expect.objectContaining({ code: 'whatsapp.stanza.size' }))
  })

  it('nodes below the eighth level are not looked for', () => {
    let node = n('relay', {}, [n('key', {}, 'k')])
    for (let i = 0; i < 7; i++) node = n('x', {}, [node])
    expect(parseRelayBlock(n('x', {}, [node]))?.key).toBe('k')
    expect(parseRelayBlock(n('x', {}, [n('x', {}, [node])]))).toBeUndefined()
  })
})

describe('call', () => {
  it('gives sender, time and action', () => {
    const action = n('preaccept', ATTRS)
    const node = n('call', { from: '1:7@lid', id: 'S', t: '1760000000', offline: '3', notify: 'Ana' }, [action])
    expect(parseCall(node)).toStrictEqual({
      stanzaId: 'S',
      from: '1:7@lid',
      timestampS: 1_760_000_000,
      offline: true,
      notify: 'Ana',
      action,
    })
  })

  it.each([
    ['no action', n('call', { from: '1@lid', id: 'S' })],
    ['no sender', n('call', { id: 'S' }, [n('offer')])],
    ['a sender that is no JID', n('call', { from: 'x y', id: 'S' }, [n('offer')])],
    ['no id', n('call', { from: '1@lid' }, [n('offer')])],
  ])('%s is refused', (_, node) => {
    expect(() => parseCall(node)).toThrow(ParseError)
  })

  it.each([
    [{}],
    [{ 'call-id': 'A' }],
    [{ 'call-creator': '1@lid' }],
    [{ 'call-id': '', 'call-creator': '1@lid' }],
    [{ 'call-id': 'a b', 'call-creator': '1@lid' }],
    [{ 'call-id': 'a'.repeat(129), 'call-creator': '1@lid' }],
    [{ 'call-id': 'A', 'call-creator': 'nobody' }],
  ])('an identity like %j is refused', (attrs) => {
    expect(() => parseIdentity(n('offer', attrs as Record<string, string>))).toThrow(ParseError)
  })
})

describe('offer', () => {
  it('comes back as it was built', () => {
    const offer = buildOffer({
      ...CALL,
      privacyToken: hex('01'),
      audioRatesHz: [8000, 16_000],
      capability: hex('0105'),
      keys: [
        { jid: '1@lid', type: 'msg', ciphertext: hex('aa') },
        { jid: '1:7@lid', type: 'pkmsg', ciphertext: hex('bb') },
      ],
      deviceIdentity: hex('02'),
    })
    const parsed = parseOffer(offer)
    expect(parsed).toMatchObject({ ...CALL, audioRatesHz: [8000, 16_000], capability: hex('0105'), hasVideo: false })
    expect(encFor('1:7@lid', parsed)).toStrictEqual({ to: '1:7@lid', type: 'pkmsg', ciphertext: hex('bb') })
    expect(encFor('1:0@lid', parsed)?.ciphertext).toStrictEqual(hex('aa'))
    expect(encFor('2@lid', parsed)).toBeUndefined()
  })

  it('takes no LID for the number of the caller', () => {
    expect(parseOffer(n('offer', { ...ATTRS, caller_pn: '4915@lid' })).callerPn).toBeUndefined()
  })

  it('as the server sends it', () => {
    const parsed = parseOffer(
      n(
        'offer',
        {
          ...ATTRS,
          caller_pn: '4915@s.whatsapp.net',
          'group-jid': '1@g.us',
          is_call_ended: '1',
          terminate_reason: 'timeout',
          joinable: '1',
          unknown: 'x',
        },
        [
          n('unknown'),
          n('audio', { enc: 'opus', rate: '16000' }),
          n('audio', { enc: 'evs', rate: '32000' }),
          n('video', { enc: 'h264' }),
          n('enc', { v: '2', type: 'msg' }, hex('cc')),
          n('metadata', { peer_abtest_bucket: 'a', peer_abtest_bucket_id_list: '1,2' }),
          n('rte', {}, '2da0ee43c6c3'),
          n('voip_settings', { uncompressed: '1' }, ascii('{"encode":{"use_mlow_codec_v1":"true"}}')),
        ],
      ),
    )
    expect(parsed).toStrictEqual({
      ...CALL,
      audioRatesHz: [16_000],
      hasVideo: true,
      capability: undefined,
      encs: [{ to: undefined, type: 'msg', ciphertext: hex('cc') }],
      relays: undefined,
      voipSettings: {
        useMlow: true,
        use48kHzRtpClock: undefined,
        redundancyLevel: undefined,
      },
      metadata: { bucket: 'a', bucketIdList: '1,2' },
      rte: ascii('2da0ee43c6c3'),
      callerPn: '4915@s.whatsapp.net',
      groupJid: '1@g.us',
      isCallEnded: true,
      terminateReason: 'timeout',
    })
  })
})

it('accept comes back as it was built', () => {
  const key = { jid: '1@lid', type: 'pkmsg' as const, ciphertext: hex('aabb') }
  expect(parseAccept(buildAcceptWithKey({ ...CALL, key, deviceIdentity: hex('01') }))).toStrictEqual({
    audioRatesHz: [16_000],
    capability: undefined,
    enc: { type: 'pkmsg', ciphertext: hex('aabb') },
  })
})

it('mute comes back as it was built, and nothing else is taken', () => {
  expect(parseMute(buildMute(CALL, true))).toBe(true)
  expect(parseMute(buildMute(CALL, false))).toBe(false)
  expect(() => parseMute(n('mute_v2', { ...ATTRS, 'mute-state': '2' }))).toThrow(ParseError)
})

describe('addresses', () => {
  it('come back', () => {
    const sizes = fc.constantFrom(6, 18).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
    fc.assert(
      fc.property(sizes, (raw) => {
        expect(addressBytes(parseAddress(raw))).toStrictEqual(new Uint8Array(raw))
      }),
    )
  })

  it('of another length are refused', () => {
    expect(() => parseAddress(hex('0102030405'))).toThrow(ParseError)
  })
})

it('relaylatency comes back, without what is out of form', () => {
  const latency = { relayName: 'gru1c02', endpoint: { address: '203.0.113.9', port: 3480 }, rttMs: 41 }
  expect(parseRelayLatency(buildRelayLatency(CALL, latency))).toStrictEqual([latency])
  const te = (attrs: Record<string, string>, content = hex('cb0071090d98')) => n('te', attrs, content)
  const good = { latency: '33554473', relay_name: 'gru1c02' }
  const node = n('relaylatency', ATTRS, [
    te({ latency: '41', relay_name: 'gru1c02' }),
    te({ latency: '33554473' }),
    te(good, hex('0102')),
    te(good),
  ])
  expect(parseRelayLatency(node)).toStrictEqual([latency])
})

describe('relay block', () => {
  const base = [n('key', {}, ascii('q83vEjRWeJCrze8SNFZ4kA=='))]
  const block = (children: readonly WaNode[], attrs: Record<string, string> = {}) =>
    parseRelayBlock(n('ack', {}, [n('offer', {}, [n('relay', attrs, [...base, ...children])])]))!

  it('is read as the server writes it', () => {
    const relays = block(
      [
        n('participant', { jid: '1@lid', pid: '1' }),
        n('participant', { jid: 'nobody', pid: '2' }),
        n('hbh_key', {}, hex('11'.repeat(30))),
        n('warp_mi_tag_len', {}, ascii('10')),
        n('token', { id: '0' }, hex('aa')),
        n('token', { id: '1' }, hex('bb')),
        n('auth_token', { id: '1' }, hex('cc')),
        n(
          'te2',
          { relay_id: '0', relay_name: 'gru1c02', token_id: '1', auth_token_id: '1', is_fna: '1', c2r_rtt: '17' },
          hex('cb0071090d98'),
        ),
        n('te2', { relay_id: '1', relay_name: 'x', protocol: '1' }, hex('20010db8000000000000000000000001 0d96')),
        n('te2', { relay_id: '2', relay_name: 'short' }, hex('0102')),
        n('te2', { relay_id: '3', relay_name: 'port 0' }, hex('cb0071090000')),
      ],
      { uuid: 'U', self_pid: '3', peer_pid: '1', attribute: 'x' },
    )
    expect(relays).toStrictEqual({
      uuid: 'U',
      selfPid: 3,
      peerPid: 1,
      participants: [{ jid: '1@lid', pid: 1 }],
      key: 'q83vEjRWeJCrze8SNFZ4kA==',
      hbhKey: hex('11'.repeat(30)),
      warpMiTagLength: 10,
      tokens: new Map([
        ['0', hex('aa')],
        ['1', hex('bb')],
      ]),
      authTokens: new Map([['1', hex('cc')]]),
      endpoints: [
        {
          relayId: '0',
          relayName: 'gru1c02',
          endpoint: { address: '203.0.113.9', port: 3480 },
          family: 4,
          tokenId: '1',
          authTokenId: '1',
          isFna: true,
          protocol: 0,
          c2rRttMs: 17,
        },
        {
          relayId: '1',
          relayName: 'x',
          endpoint: { address: '2001:db8::1', port: 3478 },
          family: 6,
          tokenId: '0',
          authTokenId: '0',
          isFna: false,
          protocol: 1,
          c2rRttMs: undefined,
        },
      ],
    })
  })

  it.each([
    ['1', 1],
    ['20', 20],
    ['0', 4],
    ['21', 4],
    ['-4', 4],
    ['x', 4],
    [undefined, 4],
  ])('tag length %s → %i', (text, length) => {
    const children = text === undefined ? [] : [n('warp_mi_tag_len', {}, ascii(text))]
    expect(block(children).warpMiTagLength).toBe(length)
  })

  it('takes the hop-by-hop key raw and in one or two layers of base64', () => {
    const raw = Buffer.alloc(30, 7)
    const once = raw.toString('base64')
    const twice = Buffer.from(once).toString('base64')
    for (const form of [new Uint8Array(raw), ascii(once), ascii(twice)]) {
      expect(block([n('hbh_key', {}, form)]).hbhKey).toStrictEqual(new Uint8Array(raw))
    }
    expect(block([n('hbh_key', {}, hex('0102'))]).hbhKey).toBeUndefined()
  })

  it('cannot be used without key', () => {
    expect(() => parseRelayBlock(n('relay'))).toThrow(expect.objectContaining({ code: 'whatsapp.relay.key' }))
    expect(() => parseRelayBlock(n('relay', {}, [n('key', {}, hex('00ff'))]))).toThrow(ParseError)
  })

  it('an unreadable protocol is not UDP', () => {
    expect(block([n('te2', { protocol: 'tcp' }, hex('cb0071090d98'))]).endpoints[0]?.protocol).toBe(255)
  })
})

describe('voip settings', () => {
  const parse = (json: string, attrs: Record<string, string> = { uncompressed: '1' }) =>
    parseVoipSettings(n('ack', {}, [n('voip_settings', attrs, ascii(json))]))

  it('reads strings for numbers and booleans', () => {
    const json = {
      encode: { use_mlow_codec_v1: 'false', frame_ms: '60' },
      rc: { target_bitrate: '24000' },
      options: { enable_48khz_rtp_clock: 'true' },
    }
    expect(parse(JSON.stringify(json))).toStrictEqual({
      useMlow: false,
      use48kHzRtpClock: true,
      redundancyLevel: undefined,
    })
  })

  it.each([
    ['{"encode":{"mlow_red_redundancy_level":"1"}}', 1],
    ['{"red":{"mlow_red_redundancy_level":0}}', 0],
    ['{"encode":{"mlow_red_redundancy_level":"9"}}', undefined],
    ['{"mlow_red_redundancy_level":"1"}', undefined],
    ['7', undefined],
  ])('finds the redundancy level of %s in any group: %s', (json, level) => {
    expect(parse(json)?.redundancyLevel).toBe(level)
  })

  it('takes nothing that makes no sense', () => {
    const json = {
      encode: { use_mlow_codec_v1: 1, frame_ms: '1e9' },
      rc: { target_bitrate: {} },
      options: ['enable_48khz_rtp_clock'],
    }
    expect(parse(JSON.stringify(json))).toStrictEqual({
      useMlow: undefined,
      use48kHzRtpClock: undefined,
      redundancyLevel: undefined,
    })
    expect(parse('{')).toBeUndefined()
    expect(parse('{}', {})).toBeUndefined()
    expect(parseVoipSettings(n('ack'))).toBeUndefined()
  })
})

describe('ack of an offer', () => {
  it.each([
    [n('ack', { error: '463' }), 463],
    [n('ack', {}, [n('error', { code: '439', 'call-id': 'x' })]), 439],
    [n('ack', { error: 'what' }), 0],
    [n('ack'), undefined],
  ])('%j → error %s', (node, code) => {
    expect(parseOfferAck(node).errorCode).toBe(code)
  })

  it('names the devices rung', () => {
    const node = n('ack', {}, [
      n('user', { jid: '1@lid' }, [n('device', { jid: '1:7@lid' }), n('device', { jid: '?' })]),
    ])
    expect(parseOfferAck(node).devices).toStrictEqual(['1:7@lid'])
  })
})

it('a receipt of an offer', () => {
  expect(parseOfferReceipt(n('receipt', { from: '1:7@lid', id: 'S' }, [n('offer', ATTRS)]))).toStrictEqual({
    ...CALL,
    from: '1:7@lid',
  })
  expect(parseOfferReceipt(n('receipt', { from: '1:7@lid', id: 'S' }, [n('list')]))).toBeUndefined()
})
