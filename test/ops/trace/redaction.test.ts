import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TracedNode } from '../../../src/base/tracer.ts'
import { Redactor } from '../../../src/ops/trace/redactor.ts'
import { sipRecord } from '../../../src/ops/trace/sip-record.ts'
import { stanzaRecord } from '../../../src/ops/trace/stanza-record.ts'

const redactor = new Redactor()
const NUMBER = '4915112345678'

describe('redactor', () => {
  it('gives equal values equal tags, and others others', () => {
    expect(redactor.number(NUMBER)).toBe(redactor.number(`+${NUMBER}`))
    expect(redactor.number(NUMBER)).not.toBe(redactor.number('4915112345679'))
    expect(redactor.number(NUMBER)).toMatch(/^num:13#[0-9a-f]{8}$/)
    expect(redactor.bytes(new Uint8Array(32))).toMatch(/^bytes:32#[0-9a-f]{8}$/)
  })

  it('gives other tags in another trace', () => {
    expect(new Redactor().number(NUMBER)).not.toBe(redactor.number(NUMBER))
  })

  it('shows ids that programs draw, and names without a number', () => {
    for (const id of ['0123456789abcdef', '7c1d9c0e-1111-4222-8333-123456789012', 'pbx-1732212345.67', 'call-17']) {
      expect(redactor.correlationId(id)).toBe(id)
    }
    expect(redactor.account('office-2')).toBe('office-2')
  })

  it('shows two digits of an id or an account that is a number, and tells it from others', () => {
    expect(redactor.correlationId(`${NUMBER}@pbx`)).toMatch(/^\*{11}78@pbx#[0-9a-f]{8}$/)
    expect(redactor.correlationId('1732212345678901')).toMatch(/^\*{14}01#/)
    expect(redactor.account(NUMBER)).toMatch(/^\*{11}78#[0-9a-f]{8}$/)
    expect(redactor.account(NUMBER)).not.toBe(redactor.account('4915112345578'))
  })

  it('keeps device and server of a JID', () => {
    expect(redactor.jid(`${NUMBER}:7@s.whatsapp.net`)).toBe(`${redactor.number(NUMBER)}:7@s.whatsapp.net`)
    expect(redactor.jid('s.whatsapp.net')).toBe('s.whatsapp.net')
    expect(redactor.jid('call')).toBe('call')
  })

  it('does not take a secret for a device or a server', () => {
    expect(redactor.jid(`1:${NUMBER}@lid`)).not.toContain(NUMBER)
    expect(redactor.jid(`1@${NUMBER}`)).not.toContain(NUMBER)
    expect(redactor.jid(NUMBER)).not.toContain(NUMBER)
  })
})

describe('stanzas', () => {
  const key = Uint8Array.from({ length: 32 }, (_, n) => n + 65)
  const offer: TracedNode = {
    tag: 'call',
    attrs: { to: '98765432109876@lid', id: 'A1B2C3D4', t: '1767225600' },
    content: [
      {
        tag: 'offer',
        attrs: { 'call-id': 'CAFE0123', 'call-creator': '11112222333344:5@lid', notify: 'Anna Beispiel' },
        content: [
          { tag: 'audio', attrs: { enc: 'opus', rate: '16000' } },
          { tag: 'capability', attrs: { ver: '1' }, content: Uint8Array.of(1, 4, 255) },
          { tag: 'enc', attrs: { v: '2', type: 'msg', count: '0' }, content: key },
          { tag: 'token', attrs: { id: '0' }, content: 'a-token-in-text' },
        ],
      },
    ],
  }

  it('keep the words of the protocol', () => {
    const record = stanzaRecord(offer, redactor)
    expect(record.attrs.t).toBe('1767225600')
    const [inner] = record.content as readonly { content: readonly { attrs: object; content?: string }[] }[]
    expect(inner?.content[0]?.attrs).toEqual({ enc: 'opus', rate: '16000' })
    expect(inner?.content[1]?.content).toBe('hex:0104ff')
    expect(inner?.content[2]?.attrs).toEqual({ v: '2', type: 'msg', count: '0' })
    expect(inner?.content[2]?.content).toBe(redactor.bytes(key))
  })

  it('lose people, tokens and keys', () => {
    const text = JSON.stringify(stanzaRecord(offer, redactor))
    for (const secret of ['98765432109876', '11112222333344', 'Anna', 'CAFE0123', 'A1B2C3D4', 'a-token-in-text']) {
      expect(text).not.toContain(secret)
    }
    expect(text).not.toContain(Buffer.from(key).toString('hex'))
  })

  it('a number in an attribute that is harmless as a rule is redacted all the same', () => {
    const text = JSON.stringify(stanzaRecord({ tag: 'x', attrs: { type: NUMBER, reason: `not ${NUMBER}` } }, redactor))
    expect(text).not.toContain(NUMBER)
  })

  it('of any shape give a record, and text of any content is gone', () => {
    const node = fc.letrec<{ node: TracedNode }>((tie) => ({
      node: fc.record({
        tag: fc.string(),
        attrs: fc.dictionary(fc.string(), fc.string()),
        content: fc.option(fc.oneof(fc.constant(SECRET), fc.uint8Array(), fc.array(tie('node'), { maxLength: 3 })), {
          nil: undefined,
        }),
      }),
    })).node
    fc.assert(
      fc.property(node, (value) => {
        expect(JSON.stringify(stanzaRecord(value, redactor))).not.toContain(SECRET)
      }),
    )
  })
})

const SECRET = 'correct horse battery staple'

describe('SIP messages', () => {
  const invite = [
    `INVITE sip:+${NUMBER};phone-context=x@192.0.2.1:5060;transport=udp SIP/2.0`,
    'Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bKsecretbranch',
    `From: "Anna Beispiel" <sip:${NUMBER}@192.0.2.1>;tag=fromtag`,
    'i: call-id-of-the-phone@192.0.2.7',
    'CSeq: 2147483647 INVITE',
    'Proxy-Authorization: Digest username="100", realm="tandem", nonce="abcdef", response="0123456789abcdef"',
    'User-Agent: Phone/1.0',
    'Content-Type: application/sdp',
    '',
    'v=0',
    'o=anna 123456789 1 IN IP4 192.0.2.7',
    'c=IN IP4 192.0.2.7',
    'm=audio 4000 RTP/SAVP 8 101',
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0',
    'a=ice-pwd:secretpassword',
    'a=rtpmap:8 PCMA/8000',
    'a=sendrecv',
    '',
  ].join('\r\n')
  const record = sipRecord(Buffer.from(invite), redactor)

  it('keep start line, header names, harmless headers and codecs', () => {
    expect(record.line).toBe(`INVITE sip:${redactor.number(NUMBER)}@192.0.2.1:5060 SIP/2.0`)
    expect(record.cseq).toBe('2147483647 INVITE')
    expect(record.callId).toBe(redactor.id('call-id-of-the-phone@192.0.2.7'))
    expect(record.headers).toEqual([
      'Via',
      'From',
      'i',
      'CSeq',
      'Proxy-Authorization',
      'User-Agent: Phone/1.0',
      'Content-Type: application/sdp',
    ])
    expect(record.sdp).toEqual([
      'c=IN IP4 192.0.2.7',
      'm=audio 4000 RTP/SAVP 8 101',
      'a=rtpmap:8 PCMA/8000',
      'a=sendrecv',
    ])
  })

  it('lose everything else', () => {
    const text = JSON.stringify(record)
    for (const secret of [NUMBER, 'Anna', 'abcdef', 'secret', 'call-id-of', 'fromtag', '123456789 ']) {
      expect(text).not.toContain(secret)
    }
  })

  it.each([
    [`INVITE sip:${NUMBER} SIP/2.0`, `INVITE sip:${redactor.number(NUMBER)} SIP/2.0`],
    [`INVITE sips:+${NUMBER}:5061;user=phone SIP/2.0`, `INVITE sips:${redactor.number(NUMBER)}:5061 SIP/2.0`],
    ['REGISTER sip:[2001:db8::7]:5060 SIP/2.0', 'REGISTER sip:[2001:db8::7]:5060 SIP/2.0'],
    ['REGISTER sip:pbx1.example.org;transport=tls SIP/2.0', 'REGISTER sip:pbx1.example.org SIP/2.0'],
    [`BYE tel:+${NUMBER};phone-context=example.org SIP/2.0`, undefined],
    [`INVITE sip:${NUMBER}%40192.0.2.1 SIP/2.0`, undefined],
    [`INVITE sip:49-151-1234-5678 SIP/2.0`, undefined],
    [`INVITE sip:100@${NUMBER}.example.org SIP/2.0`, undefined],
    [`INVITE sip:[${NUMBER}] SIP/2.0`, undefined],
    [`INVITE sip:100:${NUMBER}@192.0.2.1 SIP/2.0`, `INVITE sip:${redactor.number('100')}@192.0.2.1 SIP/2.0`],
    [`INVITE sip:192.0.2.1?from=${NUMBER}@x SIP/2.0`, undefined],
    [`SIP/2.0 302 Ask +49 (151) 1234-5678`, 'SIP/2.0 302 Ask +** (***) ****-**78'],
  ])('%s keeps the address of a machine and no number', (line, wanted) => {
    const shown = sipRecord(Buffer.from(`${line}\r\nCSeq: 1 INVITE\r\n\r\n`), redactor).line
    if (wanted !== undefined) expect(shown).toBe(wanted)
    expect(shown).not.toMatch(/4915112345678|151[ )-]+1234/)
  })

  it.each([
    `From: "+${NUMBER}" <sip:anna@192.0.2.1>`,
    `To: <tel:+${NUMBER}>`,
    `P-Asserted-Identity: "Anna Beispiel" <sip:+${NUMBER}@192.0.2.1>`,
    `Remote-Party-ID: <sip:${NUMBER}@192.0.2.1>;privacy=off`,
    `Diversion: <tel:+${NUMBER}>;reason=user-busy`,
    `History-Info: <sip:${NUMBER}@192.0.2.1>;index=1`,
    `Identity: eyJhbGciOiJFUzI1NiJ9.${NUMBER}.c2ln;info=<https://cert.example.org/x>;alg=ES256;ppt=shaken`,
    `Contact: <sip:${NUMBER}@192.0.2.7>`,
    `Refer-To: <sip:${NUMBER}@192.0.2.1>`,
    `X-Correlation-ID: ${NUMBER}`,
    `X-Called-${NUMBER}: yes`,
    `Reason: SIP;cause=302;text="to +49 151 12345678"`,
  ])('of the header %s no number, name or token', (header) => {
    const message = `INVITE sip:192.0.2.1 SIP/2.0\r\n${header}\r\nCSeq: 1 INVITE\r\n\r\n`
    const text = JSON.stringify(sipRecord(Buffer.from(message), redactor))
    expect(text).toContain(header.split(/[-:]/, 1)[0])
    expect(text).not.toMatch(/4915112345678|Anna|anna|eyJ|c2ln|151 12345678/)
  })

  it('a line of SDP with a number keeps its port and rate', () => {
    const body = `v=0\r\nm=audio 49170 RTP/AVP 96\r\na=fmtp:96 maxplaybackrate=48000;x=${NUMBER}\r\n`
    const { sdp } = sipRecord(Buffer.from(`SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n${body}`), redactor)
    expect(sdp).toEqual(['m=audio 49170 RTP/AVP 96', 'a=fmtp:96 maxplaybackrate=48000;x=*'])
  })

  it('a response keeps its status', () => {
    const text = 'SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n\r\n'
    expect(sipRecord(Buffer.from(text), redactor)).toMatchObject({ line: 'SIP/2.0 180 Ringing', cseq: '1 INVITE' })
  })

  it('any bytes give a record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(sipRecord(bytes, redactor).callId).toMatch(/^id#[0-9a-f]{8}$/)
      }),
    )
  })
})
