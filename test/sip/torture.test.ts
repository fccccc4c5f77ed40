import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { ParseError } from '../../src/base/errors.ts'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { parseMessage, splitMessage } from '../../src/sip/message/parser.ts'
import { Bindings } from '../../src/sip/registration/bindings.ts'
import { REGISTRAR_DEFAULTS, Registrar } from '../../src/sip/registration/registrar.ts'
import type { Flow } from '../../src/sip/transport/transport.ts'
import { Dialogue } from './dialogue.ts'
import { BOB, OFFER, Pair } from './pair.ts'

/**
 * The messages of RFC 4475, written out anew from its description: names and what makes each one hard are the RFC's. Bob
 * answers calls 486, so 486 means that an INVITE was understood; 401 that a REGISTER was.
 */
const PEER = { address: '10.0.0.9', port: 5060 }

interface Sample {
  readonly start: string
  /** Replaces or adds header lines; a line whose value is empty removes the field. */
  readonly fields?: readonly string[]
  readonly body?: string
  /** Usual fields that the message lacks, or writes in another way. */
  readonly without?: readonly string[]
  /** Instead of the length of `body`. */
  readonly length?: string
}

const MANDATORY = ['Max-Forwards: 70', 'From: <sip:caller@example.net>;tag=323', 'To: sip:j.user@example.com']

/** A message with the usual fields, except those that `fields` or `without` names. */
function write(
  name: string,
  { start, fields = [], without = [], body = '', length = String(Buffer.byteLength(body)) }: Sample,
): Buffer {
  const method = start.split(' ', 1)[0]!
  const usual = [
    `Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK${name}`,
    ...MANDATORY,
    `Call-ID: ${name}.asdfasdf@example.com`,
    `CSeq: 31862 ${method}`,
    'Contact: <sip:caller@10.0.0.9>',
    `Content-Length: ${length}`,
  ]
  const named = new Set([...fields, ...without].map((field) => field.split(':', 1)[0]!.trim().toLowerCase()))
  const kept = usual.filter((field) => !named.has(field.split(':', 1)[0]!.toLowerCase()))
  return Buffer.from(`${[start, ...kept, ...fields].join('\r\n')}\r\n\r\n${body}`)
}

const OPTIONS = 'OPTIONS sip:user@example.com SIP/2.0'
const INVITE = 'INVITE sip:user@example.com SIP/2.0'
const REGISTER = 'REGISTER sip:example.com SIP/2.0'
const SDP_TYPE = 'Content-Type: application/sdp'
const LONG = 'longvalue'.repeat(30)

/** §3.1.1, §3.2 to §3.4: the final status of each; undefined: nothing comes back. */
const ANSWERED: readonly (readonly [string, Sample, number])[] = [
  [
    'wsinv',
    {
      start: 'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
      fields: [
        'TO :',
        ' sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n',
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
        '  ;',
        '  tag = 98asjd8',
        'MaX-fOrWaRdS: 0068',
        'Call-ID: wsinv.ndaksdj@192.0.2.1',
        'cseq: 0009',
        '  INVITE',
        'Via  : SIP  /   2.0',
        ' /UDP',
        '    10.0.0.9;branch=390skdjuw',
        's :',
        'NewFangledHeader:   newfangled value',
        ' continued newfangled value',
        'UnknownHeaderWithUnusualValue: ;;,,;;,;',
        'Content-Type: application/sdp',
        'Route:',
        ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>',
        'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
        '  branch  =   z9hG4bK9ikj8  ,',
        ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
        ' z9hG4bK30239',
        'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
        '      newvalue ;',
        '  secondparam ; q = 0.33',
      ],
      without: ['Contact'],
      body: OFFER,
    },
    481,
  ],
  [
    'intmeth',
    {
      start:
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
      fields: [
        'To: "BEL:\\\x07 NUL:\\\0 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@example.com>',
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"Ð¾\";tag=_token~1'+`*%!-.",
        "extensionHeader-!.%*+_`'~: ﻿大停電",
      ],
    },
    405,
  ],
  [
    'esc01',
    {
      start: 'INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0',
      fields: [
        'To: sip:%75se%72@example.com',
        'From: <sip:I%20have%20spaces@example.net>;tag=938',
        'Contact: <sip:cal%6Cer@10.0.0.9;%6C%72;n%61me=v%61lue%25%34%31>',
        SDP_TYPE,
      ],
      body: OFFER,
    },
    486,
  ],
  [
    'escnull',
    {
      start: REGISTER,
      fields: [
        'To: sip:null-%00-null@example.com',
        'From: sip:null-%00-null@example.com;tag=839923423',
        'Contact: <sip:%00@host5.example.com>, <sip:%00%00@host5.example.com>',
      ],
    },
    401,
  ],
  ['esc02', { start: 'RE%47IST%45R sip:registrar.example.com SIP/2.0' }, 405],
  ['lwsdisp', { start: OPTIONS, fields: ['From: caller<sip:caller@example.com>;tag=323'] }, 200],
  [
    'longreq',
    {
      start: INVITE,
      fields: [
        `To: "I have a user name of ${'extreme'.repeat(20)} proportion" <sip:user@example.com:6000;unknownparam1=very${LONG};shortparam=short;verylongParameterNameWithNoValue>`,
        `From: sip:${LONG}@example.net;tag=12${LONG};unknownheaderparam=${LONG}`,
        `Call-ID: longreq.one${'really'.repeat(20)}longcallid`,
        `UnknownHeaderName-unknown-${LONG}: ${LONG}`,
        'Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKlongreq',
        ...Array.from({ length: 34 }, (_, i) => `Via: SIP/2.0/TCP sip${i}.example.com`),
        SDP_TYPE,
      ],
      body: OFFER,
    },
    486,
  ],
  ['dblreq', { start: REGISTER, length: '0', body: `${INVITE}\r\nVia: SIP/2.0/UDP h\r\n\r\n` }, 401],
  [
    'semiuri',
    { start: 'OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0', fields: ['To: sip:j_user@example.com'] },
    200,
  ],
  [
    'transports',
    {
      start: OPTIONS,
      fields: [
        'Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKtransports',
        ...['SCTP', 'TLS', 'UNKNOWN', 'TCP'].map(
          (name, i) => `Via: SIP/2.0/${name} t${i}.example.com;branch=z9hG4bKkdjuw${i}`,
        ),
      ],
    },
    200,
  ],
  [
    'mpart01',
    {
      start: 'MESSAGE sip:kumiko@example.org SIP/2.0',
      fields: ['Content-Type: multipart/mixed;boundary=7a9cbec02ceef655'],
      body: '--7a9cbec02ceef655\r\n\0\x01binary\r\n--7a9cbec02ceef655--',
    },
    405,
  ],
  [
    'badinv01',
    { start: INVITE, fields: ['Via: SIP/2.0/UDP 10.0.0.9:5060;;,;,,', 'Contact: "Joe" <sip:joe@example.org>;;;;'] },
    400,
  ],
  ['clerr', { start: INVITE, length: '9999', body: OFFER, fields: [SDP_TYPE] }, 400],
  ['ncl', { start: INVITE, length: '-999', body: OFFER, fields: [SDP_TYPE] }, 400],
  [
    'scalar02',
    {
      start: REGISTER,
      fields: [
        'CSeq: 36893488147419103232 REGISTER',
        'Max-Forwards: 300',
        'Expires: 10000000000000000000000000000000000000000',
      ],
    },
    400,
  ],
  ['quotbal', { start: INVITE, fields: ['To: "Mr. J. User <sip:j.user@example.com>'] }, 400],
  ['ltgtruri', { start: 'INVITE <sip:user@example.com> SIP/2.0' }, 400],
  ['lwsruri', { start: 'INVITE sip:user@example.com; lr SIP/2.0' }, 400],
  ['lwsstart', { start: 'INVITE  sip:user@example.com  SIP/2.0' }, 400],
  ['trws', { start: 'OPTIONS sip:remote-target@example.com SIP/2.0  ' }, 400],
  ['escruri', { start: 'INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0' }, 400],
  ['baddate', { start: INVITE, fields: ['Date: Fri, 01 Jan 2010 16:00:00 EST', SDP_TYPE], body: OFFER }, 486],
  ['regbadct', { start: REGISTER, fields: ['Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E'] }, 401],
  ['badaspec', { start: OPTIONS, fields: ['To: "Watson, Thomas" < sip:t.watson@example.org >'] }, 200],
  ['baddn', { start: OPTIONS, fields: ['From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43'] }, 400],
  [
    'badvers',
    {
      start: 'OPTIONS sip:t.watson@example.org SIP/7.0',
      fields: ['Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw'],
    },
    505,
  ],
  ['mismatch01', { start: OPTIONS, fields: ['CSeq: 8 INVITE'] }, 400],
  ['mismatch02', { start: 'NEWMETHOD sip:user@example.com SIP/2.0', fields: ['CSeq: 8 INVITE'] }, 400],
  ['badbranch', { start: OPTIONS, fields: ['Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK'] }, 200],
  ['insuf', { start: INVITE, without: ['From', 'To', 'Call-ID'] }, 400],
  ['unkscm', { start: 'OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0' }, 416],
  ['novelsc', { start: 'OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0' }, 416],
  [
    'unksm2',
    {
      start: REGISTER,
      fields: ['To: isbn:2983792873', 'From: <http://www.example.com>;tag=3234233', 'Contact: <name:John_Smith>'],
    },
    401,
  ],
  [
    'bext01',
    {
      start: OPTIONS,
      fields: ['Require: nothingSupportsThis, nothingSupportsThisEither', 'Proxy-Require: noProxiesSupportThis'],
    },
    420,
  ],
  ['invut', { start: INVITE, fields: ['Content-Type: application/unknownformat'], body: '<audio>' }, 415],
  ['regaut01', { start: REGISTER, fields: ['Authorization: NoOneKnowsThisScheme opaque-data=here'] }, 401],
  [
    'multi01',
    {
      start: INVITE,
      fields: [
        'Call-ID: multi01.98asdh@192.0.2.1',
        'Call-ID: multi01.98asdh@192.0.2.2',
        'CSeq: 59 INVITE',
        'CSeq: 61 INVITE',
      ],
    },
    400,
  ],
  ['mcl01', { start: OPTIONS, fields: ['Content-Length: 13', 'L: 5'], body: 'There is no x' }, 400],
  ['zeromf', { start: OPTIONS, fields: ['Max-Forwards: 0'] }, 200],
  ['cparam01', { start: REGISTER, fields: ['Contact: sip:+19725552222@gw1.example.net;unknownparam'] }, 401],
  ['cparam02', { start: REGISTER, fields: ['Contact: <sip:+19725552222@gw1.example.net;unknownparam>'] }, 401],
  ['regescrt', { start: REGISTER, fields: ['Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>'] }, 401],
  ['sdp01', { start: INVITE, fields: ['Accept: text/nobodyKnowsThis', SDP_TYPE], body: OFFER }, 406],
  [
    'inv2543',
    {
      start: 'INVITE sip:UserB@example.com SIP/2.0',
      without: ['Max-Forwards', 'Contact'],
      fields: [
        'Via: SIP/2.0/UDP 10.0.0.9:5060',
        'From: <sip:+13035551111@ift.client.example.net;user=phone>',
        'Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>',
        'To: sip:+16505552222@ss1.example.net;user=phone',
        SDP_TYPE,
      ],
      body: OFFER,
    },
    486,
  ],
]

/** Every message of the RFC with its section, and what it asks of us: whatever is missing in the tests below fails the last one. */
const SECTIONS: Readonly<Record<string, string>> = {
  wsinv: '3.1.1.1',
  intmeth: '3.1.1.2',
  esc01: '3.1.1.3',
  escnull: '3.1.1.4',
  esc02: '3.1.1.5',
  lwsdisp: '3.1.1.6',
  longreq: '3.1.1.7',
  dblreq: '3.1.1.8',
  semiuri: '3.1.1.9',
  transports: '3.1.1.10',
  mpart01: '3.1.1.11',
  unreason: '3.1.1.12',
  noreason: '3.1.1.13',
  badinv01: '3.1.2.1',
  clerr: '3.1.2.2',
  ncl: '3.1.2.3',
  scalar02: '3.1.2.4',
  scalarlg: '3.1.2.5',
  quotbal: '3.1.2.6',
  ltgtruri: '3.1.2.7',
  lwsruri: '3.1.2.8',
  lwsstart: '3.1.2.9',
  trws: '3.1.2.10',
  escruri: '3.1.2.11',
  baddate: '3.1.2.12',
  regbadct: '3.1.2.13',
  badaspec: '3.1.2.14',
  baddn: '3.1.2.15',
  badvers: '3.1.2.16',
  mismatch01: '3.1.2.17',
  mismatch02: '3.1.2.18',
  bigcode: '3.1.2.19',
  badbranch: '3.2.1',
  insuf: '3.3.1',
  unkscm: '3.3.2',
  novelsc: '3.3.3',
  unksm2: '3.3.4',
  bext01: '3.3.5',
  invut: '3.3.6',
  regaut01: '3.3.7',
  multi01: '3.3.8',
  mcl01: '3.3.9',
  bcast: '3.3.10',
  zeromf: '3.3.11',
  cparam01: '3.3.12',
  cparam02: '3.3.13',
  regescrt: '3.3.14',
  sdp01: '3.3.15',
  inv2543: '3.4.1',
}

test.each(ANSWERED.map(([name, sample, status]) => [SECTIONS[name], name, status, sample] as const))(
  '§%s %s: %i',
  async (_, name, status, sample) => {
    const pair = await new Pair({ bob: { staticTrunks: [{ name: 'peer', networks: ['10.0.0.9'] }] } }).start()
    const statuses: number[] = []
    const peer = await pair.network.udp({
      ...PEER,
      onDatagram: (answer) => void statuses.push(Number(splitMessage(answer).startLine.split(' ')[1])),
    })
    pair.bob.onInvite((session) => session.reject(486))
    peer.send(write(name, sample), BOB)
    await pair.clock.advance(1)
    expect(statuses.filter((answer) => answer >= 200)).toEqual([status])
  },
)

test.each([
  [
    'unreason',
    'SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое',
    '= 2**3 * 5**2 но сто девяносто девять - простое',
  ],
  ['noreason', 'SIP/2.0 100 ', ''],
])('%s: any reason phrase, or none', (name, start, reason) => {
  const message = write(name, { start, fields: ['CSeq: 35 INVITE'] })
  expect(parseMessage(message)).toMatchObject({ kind: 'response', reason })
})

test.each([
  ['bigcode', { start: 'SIP/2.0 4294967301 better not break the receiver', fields: ['CSeq: 353494 INVITE'] }],
  [
    'scalarlg',
    {
      start: 'SIP/2.0 503 Service Unavailable',
      fields: ['CSeq: 9292394834772304023312 OPTIONS', 'Retry-After: 949302838503028349304023988'],
    },
  ],
])('%s: an answer that cannot be read is no answer', (name, sample) => {
  expect(() => parseMessage(write(name, sample))).toThrow(ParseError)
})

test('bcast: an answer whose second Via is a broadcast address went astray; nothing is sent anywhere', async () => {
  const pair = await new Pair().start()
  pair.bob.onInvite(() => {})
  const { events } = pair.call()
  await pair.clock.advance(1)
  const { messagesOut } = pair.alice.stats()
  const answer = write('bcast', {
    start: 'SIP/2.0 200 OK',
    fields: [
      'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKbcast',
      'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23',
      'CSeq: 35 INVITE',
    ],
  })
  const peer = await pair.network.udp({ ...PEER, onDatagram: () => expect.unreachable() })
  peer.send(answer, { address: '10.0.0.1', port: 5060 })
  await pair.clock.advance(1)
  expect(pair.alice.stats()).toMatchObject({ messagesOut, parseErrors: 0 })
  expect(events).toEqual([])
})

/** A REGISTER as the registrar sees it once its sender has proved who it is. */
function registered(name: string, username: string) {
  const clock = new VirtualClock()
  const bindings = new Bindings(clock, () => {})
  const registrar = new Registrar(clock, bindings, REGISTRAR_DEFAULTS, () => undefined)
  const [, sample] = ANSWERED.find(([other]) => other === name)!
  const flow = { remote: PEER, transport: 'udp', onFailure: () => () => {} } as unknown as Flow
  const { status } = registrar.register(parseMessage(write(name, sample)) as SipRequest, username, flow)
  return { status, uris: bindings.of(username).map(({ uri }) => uri) }
}

test.each([
  [
    'escnull: nulls are characters, and two of them are not one',
    'null-\0-null',
    200,
    ['sip:%00@host5.example.com', 'sip:%00%00@host5.example.com'],
  ],
  ['dblreq: the second request in the datagram is no part of the first', 'j.user', 200, ['sip:caller@10.0.0.9']],
  ['regbadct: a question mark needs <>', 'j.user', 400, []],
  ['unksm2: an address of record is a SIP URI', '2983792873', 400, []],
  ['cparam01: without <> the parameter is the header’s', 'j.user', 200, ['sip:+19725552222@gw1.example.net']],
  ['cparam02: within <> it is the URI’s', 'j.user', 200, ['sip:+19725552222@gw1.example.net;unknownparam']],
  ['regescrt: escaped header fields are kept', 'j.user', 200, ['sip:user@example.com?Route=%3Csip:sip.example.com%3E']],
])('at the registrar, %s', (title, username, status, uris) => {
  const { uris: bound, ...answer } = registered(title.split(':')[0]!, username)
  expect(answer).toEqual({ status })
  expect(new Set(bound)).toEqual(new Set(uris))
})

test('regescrt: a call to that contact has no header fields in its Request-URI, and no Route', async () => {
  const dialogue = await Dialogue.start()
  const contact = {
    username: 'j.user',
    uri: 'sip:user@10.0.0.9?Route=%3Csip:sip.example.com%3E',
    source: PEER,
    transport: 'udp',
    path: [],
    userAgent: undefined,
    expiresAtMs: 1e9,
  } as const
  dialogue.pair.bob.invite({ kind: 'contact', contact }, { caller: { user: '1' }, offer: () => OFFER })
  await dialogue.advance(1)
  const { requestUri, headers } = dialogue.peer.requests('INVITE')[0]!
  expect([requestUri, headers.get('To'), headers.has('Route')]).toEqual([
    'sip:user@10.0.0.9',
    '<sip:j.user@10.0.0.9>',
    false,
  ])
})

/** What a refusal has to name, or a URI has to mean. */
test.each([
  ['intmeth', 'Allow', /INVITE.*BYE/],
  ['bext01', 'Unsupported', /^nothingSupportsThis, nothingSupportsThisEither$/],
  ['invut', 'Accept', /application\/sdp/],
  ['regaut01', 'WWW-Authenticate', /^Digest /],
] as const)('%s: the answer has %s', async (name, header, value) => {
  const dialogue = await Dialogue.start()
  dialogue.peer.sendBytes(write(name, ANSWERED.find(([other]) => other === name)![1]))
  await dialogue.advance(1)
  expect(dialogue.lastAnswer.headers.get(header)).toMatch(value)
})

test('esc01 and semiuri: what is escaped in a user part is no scheme, no host and no parameter', () => {
  const uriOf = (name: string) =>
    (parseMessage(write(name, ANSWERED.find(([other]) => other === name)![1])) as SipRequest).uri
  expect(uriOf('esc01')).toMatchObject({ scheme: 'sip', user: 'sips:user@example.com', host: 'example.net' })
  expect(uriOf('semiuri')).toMatchObject({ user: 'user;par=u@example.net', host: 'example.com', params: new Map() })
})

test('all 49 messages of the RFC are here', () => {
  const elsewhere = ['unreason', 'noreason', 'bigcode', 'scalarlg', 'bcast']
  const names = [...ANSWERED.map(([name]) => name), ...elsewhere]
  expect(names).toHaveLength(49)
  expect(new Set(names)).toEqual(new Set(Object.keys(SECTIONS)))
})
