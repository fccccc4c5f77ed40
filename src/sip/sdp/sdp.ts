import { ParseError } from '../../base/errors.ts'

/** RFC 4566, as much of it as telephony uses; unknown lines are skipped. */
export interface SessionDescription {
  readonly origin: Origin
  /** Address of the session's `c=`, for media without their own. */
  readonly connection: string | undefined
  readonly attributes: readonly Attribute[]
  readonly media: readonly MediaDescription[]
}

/** §5.2; `address` is what the peer thinks it is, never where media go. */
interface Origin {
  readonly username: string
  readonly sessionId: string
  readonly version: string
  readonly address: string
}

/** §5.13; `value` is '' for a property attribute. */
export interface Attribute {
  readonly name: string
  readonly value: string
}

export interface MediaDescription {
  readonly type: string
  /** 0: refused or switched off. */
  readonly port: number
  /** `RTP/AVP`, `RTP/SAVP`… as written. */
  readonly protocol: string
  readonly formats: readonly string[]
  readonly connection: string | undefined
  readonly attributes: readonly Attribute[]
}

const MAX_LINES = 512
const MAX_LINE_LENGTH = 1024
const MAX_MEDIA = 16
const MAX_FORMATS = 64

interface MediaDraft {
  readonly media: Omit<MediaDescription, 'connection' | 'attributes'>
  connection: string | undefined
  readonly attributes: Attribute[]
}

/** Lines may end in CRLF or LF (§5). Throws `ParseError`. */
export function parseSdp(text: string): SessionDescription {
  const lines = text.split(/\r?\n/)
  if (lines.length > MAX_LINES) throw bad(`more than ${MAX_LINES} lines`)
  if (lines[0] !== 'v=0') throw bad('does not begin with v=0')
  let origin: Origin | undefined
  let connection: string | undefined
  const attributes: Attribute[] = []
  const media: MediaDraft[] = []
  for (const line of lines) {
    if (line.length > MAX_LINE_LENGTH) throw bad(`a line longer than ${MAX_LINE_LENGTH} characters`)
    const value = line.slice(2)
    const current = media.at(-1)
    switch (line.slice(0, 2)) {
      case 'o=':
        origin = parseOrigin(value)
        break
      case 'c=':
        if (current) current.connection = parseConnection(value)
        else connection = parseConnection(value)
        break
      case 'a=':
        ;(current?.attributes ?? attributes).push(parseAttribute(value))
        break
      case 'm=':
        if (media.length >= MAX_MEDIA) throw bad(`more than ${MAX_MEDIA} media`)
        media.push({ media: parseMedia(value), connection: undefined, attributes: [] })
    }
  }
  if (!origin) throw bad('no o= line')
  return { origin, connection, attributes, media: media.map(({ media, ...rest }) => ({ ...media, ...rest })) }
}

/** §5.2: `<username> <sess-id> <sess-version> IN <addrtype> <address>` */
function parseOrigin(value: string): Origin {
  const [username, sessionId, version, network, type, address] = value.split(' ')
  if (network !== 'IN' || (type !== 'IP4' && type !== 'IP6') || !address) throw bad('the o= line is not six fields')
  return { username: username!, sessionId: sessionId!, version: version!, address }
}

/** §5.7: `IN IP4 <address>`, a multicast TTL is cut off. */
function parseConnection(value: string): string {
  const [network, type, address = ''] = value.trim().split(' ')
  if (network !== 'IN' || (type !== 'IP4' && type !== 'IP6')) throw bad('the c= line is not IN IP4 or IN IP6')
  const host = address.split('/', 1)[0]!
  if (!/^[A-Za-z0-9.:-]{1,255}$/.test(host)) throw bad('the c= address is neither a name nor an address')
  return host
}

function parseAttribute(value: string): Attribute {
  const colon = value.indexOf(':')
  return colon < 0
    ? { name: value.trim(), value: '' }
    : { name: value.slice(0, colon), value: value.slice(colon + 1).trim() }
}

/** §5.14: `<media> <port>[/count] <proto> <fmt> …` */
function parseMedia(value: string): MediaDraft['media'] {
  const [type = '', portText = '', protocol = '', ...formats] = value.trim().split(/ +/)
  const port = /^([0-9]{1,5})(?:\/[0-9]+)?$/.exec(portText)?.[1]
  if (type === '' || protocol === '' || port === undefined || Number(port) > 65_535)
    throw bad('an m= line without its fields')
  if (formats.length === 0 || formats.length > MAX_FORMATS)
    throw bad(`an m= line with ${formats.length} formats, 1 to ${MAX_FORMATS} allowed`)
  return { type, port: Number(port), protocol, formats }
}

export function formatSdp(description: SessionDescription): string {
  const { origin } = description
  const lines = [
    'v=0',
    `o=${origin.username} ${origin.sessionId} ${origin.version} IN ${addressType(origin.address)} ${origin.address}`,
    's=-',
  ]
  if (description.connection !== undefined) lines.push(connectionLine(description.connection))
  lines.push('t=0 0', ...description.attributes.map(attributeLine))
  for (const media of description.media) {
    lines.push(`m=${media.type} ${media.port} ${media.protocol} ${media.formats.join(' ')}`)
    if (media.connection !== undefined) lines.push(connectionLine(media.connection))
    lines.push(...media.attributes.map(attributeLine))
  }
  return `${lines.join('\r\n')}\r\n`
}

const connectionLine = (address: string) => `c=IN ${addressType(address)} ${address}`
const addressType = (address: string) => (address.includes(':') ? 'IP6' : 'IP4')
const attributeLine = ({ name, value }: Attribute) => (value === '' ? `a=${name}` : `a=${name}:${value}`)

/** The first attribute of that name. */
export function attribute(attributes: readonly Attribute[], name: string): string | undefined {
  return attributes.find((candidate) => candidate.name === name)?.value
}

function bad(what: string): ParseError {
  return new ParseError('parse.sdp', `SDP: ${what}`)
}
