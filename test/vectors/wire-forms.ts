/** What of the wire a vector of another origin pins, and which test says so. */
export interface WireForm {
  readonly family: 'STUN' | 'RTP' | 'RTCP' | 'SRTP' | 'keys' | 'stanza' | 'payload' | 'transport'
  readonly form: string
  /**
   * `bytes`: equal bit for bit; `parts`: every part is, not the whole; `facts`: names, orders and values of stanzas;
   * `library`: written or read by a library used by many; `names`: every word is in the dictionary of WhatsApp's binary
   * encoding, the rest is from reading; `none`: from reading alone.
   */
  readonly pinned: 'bytes' | 'parts' | 'facts' | 'library' | 'names' | 'none'
  readonly origin: string
  /** File of test/vectors, and the title of the test that pins the form. */
  readonly test?: readonly [file: string, title: string]
  /** The builders, parsers, types and attributes of the product that this form is made of or read by. */
  readonly code?: readonly string[]
}

const PORT = 'meowcaller 6d9b7b2c, re-checked with independent HMAC and AES'
const TRACE = 'answers from a public web-client trace (meowcaller 6d9b7b2c, whatsapp-rust 1489b7da)'
const RUST = 'unit tests of whatsapp-rust 1489b7da'
const C = 'the proprietary C codec (published by whatsapp-rust and meowcaller)'
const READING = 'reading of two or more public implementations'

const STUN_FILE = 'stun.test.ts'
const PUBLIC = 'public-forms.test.ts'
const MESSAGES = 'writes the messages of transaction $tx'
const DICTIONARY = '%s: every one is in the dictionary of the encoding'

const STUN: readonly WireForm[] = [
  {
    family: 'STUN',
    form: 'allocate, raw mode (whole message)',
    pinned: 'bytes',
    origin: TRACE,
    test: [STUN_FILE, 'registers in raw mode with exactly these bytes'],
    code: [
      'STUN_TYPE.allocateRequest',
      'STUN_ATTRIBUTE.token',
      'STUN_ATTRIBUTE.streamDescriptors',
      'STUN_ATTRIBUTE.xorRelayedAddress',
      'encodeStreamDescriptors',
    ],
  },
  {
    family: 'STUN',
    form: 'allocate, Android client',
    pinned: 'bytes',
    origin: PORT,
    test: [STUN_FILE, MESSAGES],
    code: ['STUN_ATTRIBUTE.senderSubscriptions', 'encodeNativeSubscription', 'encodeNativeStream'],
  },
  {
    family: 'STUN',
    form: 'allocate, ICE mode (two streams by pid)',
    pinned: 'parts',
    origin: PORT,
    test: [STUN_FILE, MESSAGES],
  },
  {
    family: 'STUN',
    form: 'binding request, ICE mode (whole message)',
    pinned: 'parts',
    origin: 'werift all but the subscription, which is in the trace',
    test: [PUBLIC, 'binding request with user, priority and the controlling side’s number is the same, byte for byte'],
    code: [
      'STUN_TYPE.bindingRequest',
      'STUN_ATTRIBUTE.username',
      'STUN_ATTRIBUTE.priority',
      'STUN_ATTRIBUTE.iceControlling',
    ],
  },
  {
    family: 'STUN',
    form: 'binding request without user, ICE mode (priority and subscription)',
    pinned: 'parts',
    origin: TRACE,
    test: [STUN_FILE, 'writes the protobuf messages'],
    code: ['encodeSenderSubscription'],
  },
  {
    family: 'STUN',
    form: 'binding request of a relay (read)',
    pinned: 'parts',
    origin: 'RFC 5769, section 2.1',
    test: [PUBLIC, 'is read as one of a relay is, and its trailers are right'],
  },
  {
    family: 'STUN',
    form: 'ping',
    pinned: 'bytes',
    origin: PORT,
    test: [STUN_FILE, MESSAGES],
    code: ['STUN_TYPE.ping'],
  },
  { family: 'STUN', form: 'pong (read)', pinned: 'none', origin: READING, code: ['STUN_TYPE.pong'] },
  {
    family: 'STUN',
    form: 'binding success',
    pinned: 'parts',
    origin: 'RFC 5769, section 2.2',
    test: [PUBLIC, 'is read, and its trailers are right'],
    code: ['STUN_TYPE.bindingSuccess', 'STUN_ATTRIBUTE.xorMappedAddress'],
  },
  {
    family: 'STUN',
    form: 'allocate success with its connection id (read)',
    pinned: 'none',
    origin: READING,
    code: ['STUN_TYPE.allocateSuccess', 'STUN_ATTRIBUTE.connectionId'],
  },
  {
    family: 'STUN',
    form: 'allocate error, binding error (read)',
    pinned: 'bytes',
    origin: 'werift',
    test: [PUBLIC, '%s error with its code is the same, byte for byte'],
    code: ['STUN_TYPE.allocateError', 'STUN_TYPE.bindingError', 'STUN_ATTRIBUTE.errorCode'],
  },
  { family: 'STUN', form: 'XOR address, IPv4', pinned: 'bytes', origin: PORT, test: [STUN_FILE, MESSAGES] },
  {
    family: 'STUN',
    form: 'XOR address, IPv6',
    pinned: 'bytes',
    origin: 'RFC 5769, section 2.3',
    test: [PUBLIC, 'is masked with the transaction id too'],
  },
  {
    family: 'STUN',
    form: 'MESSAGE-INTEGRITY and FINGERPRINT',
    pinned: 'bytes',
    origin: TRACE,
    test: [STUN_FILE, 'writes the messages'],
    code: ['STUN_ATTRIBUTE.messageIntegrity', 'STUN_ATTRIBUTE.fingerprint'],
  },
]

const MEDIA: readonly WireForm[] = [
  {
    family: 'RTP',
    form: 'header of speech, 16 bytes',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'writes the headers of the first speech packet and of a later one without speech'],
  },
  {
    family: 'RTP',
    form: 'header without speech, 20 bytes',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'writes the headers of the first speech packet and of a later one without speech'],
  },
  {
    family: 'RTP',
    form: 'video header (read past)',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'reads %s to its end'],
  },
  {
    family: 'RTCP',
    form: '208',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'writes the reports'],
    code: ['buildWarp208'],
  },
  {
    family: 'RTCP',
    form: '209',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'writes the reports'],
    code: ['buildWarp209'],
  },
  {
    family: 'RTCP',
    form: 'sender report without block',
    pinned: 'bytes',
    origin: TRACE,
    test: ['rtp.test.ts', 'writes the reports'],
  },
  {
    family: 'RTCP',
    form: 'report block',
    pinned: 'bytes',
    origin: 'werift',
    test: [PUBLIC, 'a sender report with its block is the same, byte for byte'],
  },
  {
    family: 'RTCP',
    form: 'SDES with CNAME',
    pinned: 'library',
    origin: 'werift reads it; the form of the CNAME is from reading',
    test: [PUBLIC, 'our SDES is read, and theirs'],
  },
  {
    family: 'SRTP',
    form: 'SRTP, whole packet (tag of 4 bytes)',
    pinned: 'bytes',
    origin: `${TRACE}; ${PORT}`,
    test: ['srtp.test.ts', 'protects a whole packet at roll-over $roc'],
  },
  {
    family: 'SRTP',
    form: 'roll-over counter',
    pinned: 'bytes',
    origin: PORT,
    test: ['srtp.test.ts', 'follows the roll-over counter of a sequence received out of order'],
  },
  {
    family: 'SRTP',
    form: 'SRTCP, whole packet (index, tag of 10 bytes)',
    pinned: 'bytes',
    origin: 'kats.json of whatsapp-rust 1489b7da, with hop-by-hop keys: the form is the same',
    test: [PUBLIC, 'is the same, byte for byte, with its index and its tag of 10 bytes'],
  },
  {
    family: 'SRTP',
    form: 'SRTCP under end-to-end keys (payload and tag apart)',
    pinned: 'parts',
    origin: PORT,
    test: ['srtp.test.ts', 'encrypts and tags RTCP of $lid at index $srtcp.index'],
  },
  {
    family: 'SRTP',
    form: 'SFrame (read)',
    pinned: 'bytes',
    origin: PORT,
    test: ['hop-and-sframe.test.ts', 'opens the three frames for $peer'],
  },
  {
    family: 'SRTP',
    form: 'hop-by-hop payload',
    pinned: 'bytes',
    origin: PORT,
    test: ['hop-and-sframe.test.ts', 'encrypts with the hop-by-hop keys at index $packetIndex'],
  },
  {
    family: 'keys',
    form: 'end-to-end SRTP and SRTCP keys',
    pinned: 'bytes',
    origin: PORT,
    test: ['srtp.test.ts', 'derives the keys of $lid'],
  },
  {
    family: 'keys',
    form: 'hop-by-hop keys',
    pinned: 'bytes',
    origin: PORT,
    test: ['hop-and-sframe.test.ts', 'derives the hop-by-hop keys of $hbhKey'],
  },
  {
    family: 'keys',
    form: 'SSRCs of the nine slots',
    pinned: 'bytes',
    origin: PORT,
    test: ['srtp.test.ts', 'derives the nine SSRCs of $lid'],
  },
  {
    family: 'keys',
    form: 'HKDF-SHA256',
    pinned: 'bytes',
    origin: 'RFC 5869, appendix A',
    test: ['hkdf.test.ts', '$name'],
  },
  {
    family: 'keys',
    form: 'call key (protobuf inside the Signal message)',
    pinned: 'library',
    origin: 'Baileys writes and reads it',
    test: [PUBLIC, 'is field 1 of field 10 of a message'],
  },
  {
    family: 'payload',
    form: 'MLow packets',
    pinned: 'bytes',
    origin: C,
    test: ['mlow-symbols.test.ts', 'decoded and encoded again, the packets of the original codec come back'],
  },
  {
    family: 'payload',
    form: 'SplitRed (payload type 121)',
    pinned: 'bytes',
    origin: 'streams of meowcaller 6d9b7b2c',
    test: ['mlow-pcm.test.ts', 'decoded PCM against the reference decoder'],
  },
  { family: 'payload', form: 'Opus', pinned: 'library', origin: 'libopus' },
]

const STANZAS: readonly WireForm[] = [
  {
    family: 'stanza',
    form: 'call around an action',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'call around an action: addressed to a device, with an id'],
    code: ['buildCall'],
  },
  {
    family: 'stanza',
    form: 'offer',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'offer: children in the order that the server checks, addressed even to one device'],
    code: ['buildOffer'],
  },
  {
    family: 'stanza',
    form: 'offer (read)',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'offer as it is read'],
    code: ['parseOffer'],
  },
  {
    family: 'stanza',
    form: 'capability',
    pinned: 'bytes',
    origin: 'constants of whatsapp-rust 1489b7da and meowcaller 6d9b7b2c, which say that captures have them',
    test: ['stanzas.test.ts', 'capability of an %s, for MLow and for Opus'],
  },
  {
    family: 'stanza',
    form: 'preaccept',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'preaccept'],
    code: ['buildPreaccept'],
  },
  {
    family: 'stanza',
    form: 'accept with capability, MLow and Opus',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'accept with capability, for MLow and for Opus'],
    code: ['buildAcceptWithCapability'],
  },
  {
    family: 'stanza',
    form: 'accept with key',
    pinned: 'names',
    origin: READING,
    test: [PUBLIC, DICTIONARY],
    code: ['buildAcceptWithKey'],
  },
  {
    family: 'stanza',
    form: 'transport',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'transport'],
    code: ['buildTransport'],
  },
  {
    family: 'stanza',
    form: 'relaylatency',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'relaylatency'],
    code: ['buildRelayLatency', 'parseRelayLatency'],
  },
  {
    family: 'stanza',
    form: 'terminate with a reason, one device',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'terminate for one device'],
    code: ['buildTerminate'],
  },
  {
    family: 'stanza',
    form: 'terminate without a reason',
    pinned: 'names',
    origin: READING,
    test: [PUBLIC, DICTIONARY],
    code: ['buildTerminate'],
  },
  {
    family: 'stanza',
    form: 'terminate with destination',
    pinned: 'names',
    origin: 'reading of one public implementation',
    test: [PUBLIC, DICTIONARY],
    code: ['buildTerminate'],
  },
  {
    family: 'stanza',
    form: 'reject of a busy device',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'reject of a busy device'],
    code: ['buildReject'],
  },
  {
    family: 'stanza',
    form: 'reject without a reason',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'reject that declines'],
    code: ['buildReject', 'parseReason'],
  },
  {
    family: 'stanza',
    form: 'mute_v2',
    pinned: 'names',
    origin: READING,
    test: [PUBLIC, DICTIONARY],
    code: ['buildMute'],
  },
  {
    family: 'stanza',
    form: 'receipt of an offer',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'receipt of an offer'],
    code: ['buildCallReceipt'],
  },
  {
    family: 'stanza',
    form: 'receipt of an accept',
    pinned: 'names',
    origin: READING,
    test: [PUBLIC, DICTIONARY],
    code: ['buildCallReceipt'],
  },
  {
    family: 'stanza',
    form: 'ack of a call stanza',
    pinned: 'names',
    origin: READING,
    test: [PUBLIC, DICTIONARY],
    code: ['buildCallAck'],
  },
  {
    family: 'stanza',
    form: 'address of a relay, IPv4 (6 bytes)',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'address of a relay'],
    code: ['parseAddress'],
  },
  {
    family: 'stanza',
    form: 'address of a relay, IPv6 (18 bytes)',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'address of a relay, IPv6'],
    code: ['parseAddress'],
  },
  {
    family: 'stanza',
    form: 'relay block (read)',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'relay block'],
    code: ['parseRelayBlock'],
  },
  {
    family: 'stanza',
    form: 'voip_settings (codec and clock, read; the rest is from reading)',
    pinned: 'facts',
    origin: RUST,
    test: ['stanzas.test.ts', 'voip_settings as they are read'],
    code: ['parseVoipSettings'],
  },
  {
    family: 'stanza',
    form: 'ack of an offer: error, devices rung (read)',
    pinned: 'none',
    origin: READING,
    code: ['parseOfferAck', 'parseAckError'],
  },
  {
    family: 'stanza',
    form: 'call, accept, mute_v2 and receipt of another device (read)',
    pinned: 'none',
    origin: READING,
    code: [
      'parseCall',
      'parseIdentity',
      'parseAccept',
      'parseMute',
      'parseOfferReceipt',
      'parseAudioRates',
      'parseCapability',
      'parseEnc',
    ],
  },
  { family: 'stanza', form: 'binary encoding, Noise', pinned: 'library', origin: 'Baileys' },
]

const TRANSPORTS: readonly WireForm[] = [
  {
    family: 'transport',
    form: 'ICE, DTLS, SCTP, channel opened in band (DCEP), ICE mode',
    pinned: 'library',
    origin: 'libdatachannel; werift at the other end',
  },
  { family: 'transport', form: 'DTLS, SCTP, raw mode', pinned: 'library', origin: 'werift, at both ends' },
  { family: 'transport', form: 'stream 0 without DCEP, PPID 53, raw mode', pinned: 'none', origin: READING },
]

export const WIRE_FORMS: readonly WireForm[] = [...STUN, ...MEDIA, ...STANZAS, ...TRANSPORTS]
