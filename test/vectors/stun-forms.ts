import { PORT, READING, TRACE, type WireForm } from './wire-form.ts'

const STUN_FILE = 'stun.test.ts'
const PUBLIC = 'public-forms.test.ts'
const MESSAGES = 'writes the messages of transaction $tx'

export const STUN_FORMS: readonly WireForm[] = [
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
