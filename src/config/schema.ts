import { z } from 'zod'
import { cidr, literalAddress, port, secret, timeOfDay, timeZone } from './fields.ts'

/** Shape, defaults and bounds of the config file. `config/example.yaml` says what each key is for. */

const log = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  format: z.enum(['json', 'pretty']).default('json'),
})

const transport = z.enum(['udp', 'tcp', 'tls'])

const listener = z.strictObject({
  transport: transport.default('udp'),
  address: literalAddress.default('0.0.0.0'),
  port: port.default(5060),
})

const accountName = z.string().regex(/^[a-z0-9-]{1,32}$/, 'lower-case letters, digits and hyphens, at most 32')

/** Of one peer; the limits of all together stand in `sip`. */
const peerLimits = {
  maxCalls: z.int().min(1).max(10_000).optional(),
  callsPerSecond: z.number().min(0.1).max(1000).optional(),
}

const user = z.strictObject({
  username: z.string().min(1).max(128),
  password: secret,
  maxContacts: z.int().min(1).max(20).default(5),
  ...peerLimits,
  account: accountName.optional(),
})

/** Where a PBX is told who calls: P-Asserted-Identity or Remote-Party-ID with the account in From, or From itself. */
const callerPlacement = z.enum(['asserted', 'from', 'remote-party-id']).default('asserted')

const registrar = z.strictObject({
  minExpiresS: z.int().min(10).max(3600).default(30),
  maxExpiresS: z.int().min(60).max(86_400).default(3600),
  defaultExpiresS: z.int().min(60).max(86_400).default(300),
})

const tls = z
  .strictObject({
    certificate: z.string().min(1).nullable().default(null),
    key: z.string().min(1).nullable().default(null),
    ca: z.string().min(1).nullable().default(null),
    clientCertificates: z.enum(['none', 'optional', 'required']).default('none'),
    verifyServers: z.boolean().default(true),
  })
  .refine(({ certificate, key }) => (certificate === null) === (key === null), {
    message: 'certificate and key go together',
  })

const registration = z.strictObject({
  name: z.string().min(1).max(64),
  registrar: z.string().min(1).max(255),
  fallbackRegistrars: z.array(z.string().min(1).max(255)).max(8).default([]),
  port: port.optional(),
  transport: transport.optional(),
  domain: z.string().min(1).max(255).optional(),
  username: z.string().min(1).max(128),
  authUsername: z.string().min(1).max(128).optional(),
  password: secret,
  expiresS: z.int().min(60).max(86_400).default(300),
  outboundProxy: z.string().min(1).max(255).optional(),
  ...peerLimits,
  callerIn: callerPlacement,
  account: accountName.optional(),
})

const trunk = z.strictObject({
  name: z.string().min(1).max(64),
  networks: z.array(cidr).min(1).max(64),
  host: z.string().min(1).max(255),
  port: port.optional(),
  transport: transport.optional(),
  ...peerLimits,
  callerIn: callerPlacement,
  account: accountName.optional(),
})

const sip = z.strictObject({
  listen: z
    .array(listener)
    .min(1)
    .max(16)
    .default([{ transport: 'udp', address: '0.0.0.0', port: 5060 }]),
  externalAddress: literalAddress.nullable().default(null),
  localNetworks: z.array(cidr).max(64).default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8']),
  tls: tls.prefault({}),
  keepaliveS: z.int().min(0).max(3600).default(90),
  qualifyS: z.int().min(0).max(3600).default(60),
  realm: z.string().min(1).max(255).default('tandem'),
  digestAlgorithms: z
    .array(z.enum(['MD5', 'SHA-256']))
    .min(1)
    .default(['MD5']),
  registrar: registrar.prefault({}),
  users: z.array(user).max(1000).default([]),
  registrations: z.array(registration).max(64).default([]),
  trunks: z.array(trunk).max(64).default([]),
  answerTimeoutS: z.int().min(5).max(300).default(60),
  earlyMedia: z.enum(['none', 'ringback']).default('none'),
  ringbackTone: z
    .enum(['AT', 'AU', 'BR', 'CH', 'DE', 'ES', 'FR', 'GB', 'IN', 'IT', 'JP', 'MX', 'NL', 'US'])
    .default('DE'),
  sessionExpiresS: z.int().min(90).max(86_400).default(1800),
  maxCalls: z.int().min(1).max(10_000).default(100),
  callsPerSecond: z.number().min(0.1).max(1000).default(50),
})

const media = z.strictObject({
  address: literalAddress.default('0.0.0.0'),
  ports: z
    .strictObject({ first: port.default(10_000), last: port.default(10_999) })
    .prefault({})
    .refine((range) => range.first % 2 === 0 && range.last > range.first, {
      message: 'first must be even and below last',
    }),
  codecs: z
    .array(z.enum(['PCMU', 'PCMA', 'G722', 'opus', 'L16']))
    .min(1)
    .refine((codecs) => new Set(codecs).size === codecs.length, { message: 'names a codec twice' })
    .default(['G722', 'opus', 'PCMA', 'PCMU']),
  srtp: z.enum(['off', 'accept', 'optional', 'required']).default('accept'),
  allowInsecureSrtp: z.boolean().default(false),
  holdSound: z.enum(['silence', 'tone']).default('silence'),
  detectDtmf: z.boolean().default(false),
  timeoutS: z.int().min(5).max(3600).default(60),
})

const account = z.strictObject({
  name: accountName.default('main'),
  maxCalls: z.int().min(1).max(100).default(1),
  clientVersion: z
    .tuple([z.int().min(0), z.int().min(0), z.int().min(0)])
    .nullable()
    .default(null),
})

const voice = z.strictObject({
  codec: z.enum(['mlow', 'opus']).default('mlow'),
  dtx: z.boolean().default(false),
  pauseHeader: z.enum(['long', 'short']).default('long'),
  redundancy: z.enum(['negotiated', 'off', 'on-loss', 'always']).default('negotiated'),
})

const whatsapp = z.strictObject({
  voice: voice.prefault({}),
  accounts: z
    .array(account)
    .min(1)
    .max(16)
    .default([{ name: 'main', maxCalls: 1, clientVersion: null }]),
  ringTimeoutS: z.int().min(10).max(120).default(60),
  acceptForm: z.enum(['by-codec', 'with-key', 'with-capability']).default('by-codec'),
  siblingDismissal: z.enum(['per-device', 'destination']).default('per-device'),
  greetings: z.enum(['caller', 'both', 'none']).default('caller'),
  relayLatency: z.enum(['echo', 'report', 'off']).default('echo'),
  deviceBusy: z.enum(['reject', 'silent']).default('reject'),
  ringingOn: z.enum(['preaccept', 'receipt']).default('preaccept'),
  callIds: z.enum(['upper-hex', 'web']).default('upper-hex'),
  reconnectGraceS: z.int().min(5).max(300).default(30),
  mediaTimeoutS: z.int().min(5).max(300).default(30),
})

const relay = z.strictObject({
  transport: z.enum(['ice', 'raw']).default('ice'),
  verifyCertificate: z.boolean().default(true),
  portPolicy: z.enum(['advertised', '3480', 'both']).default('both'),
  addressFamily: z.enum(['ipv4', 'ipv6', 'both']).default('ipv4'),
  maxRelays: z.int().min(1).max(4).default(4),
  connectTimeoutS: z.int().min(5).max(60).default(20),
})

const dialing = z.strictObject({
  countryCode: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, 'one to three digits without +')
    .nullable()
    .default(null),
  internationalPrefix: z
    .string()
    .regex(/^[0-9]{0,4}$/)
    .default('00'),
  nationalPrefix: z
    .string()
    .regex(/^[0-9]{0,3}$/)
    .default('0'),
  minDigits: z.int().min(5).max(15).default(8),
  deny: z
    .array(z.string().regex(/^[1-9][0-9]{0,14}$/, 'digits of an E.164 prefix without +'))
    .max(1000)
    .default([]),
  allow: z
    .array(z.string().regex(/^[1-9][0-9]{0,14}$/, 'digits of an E.164 prefix without +'))
    .max(1000)
    .default([]),
})

const quietHours = z
  .strictObject({ from: timeOfDay, to: timeOfDay, timeZone: timeZone.default('UTC') })
  .refine(({ from, to }) => from !== to, { message: 'from and to must differ' })

const dialler = z.strictObject({
  perMinute: z.int().min(1).max(1000).default(10),
  perHour: z.int().min(1).max(1000).default(60),
  perDay: z.int().min(1).max(10_000).default(200),
  strangersPerDay: z.int().min(0).max(1000).default(20),
  premiumNumbers: z.enum(['refuse', 'allow']).default('refuse'),
  quietHours: quietHours.nullable().default(null),
  breaker: z
    .strictObject({
      restrictions: z.int().min(1).max(10).default(3),
      pauseS: z.int().min(60).max(86_400).default(3600),
      longestPauseS: z.int().min(60).max(604_800).default(86_400),
    })
    .prefault({})
    .refine(({ pauseS, longestPauseS }) => pauseS <= longestPauseS, {
      message: 'pauseS must not exceed longestPauseS',
    }),
})

const inboundRoute = z.strictObject({
  account: z.string().default('main'),
  user: z.string().min(1).max(128).optional(),
  trunk: z.string().min(1).max(64).optional(),
  extension: z.string().min(1).max(128).optional(),
  exclusive: z.boolean().default(false),
})

const routing = z.strictObject({ inbound: z.array(inboundRoute).max(1000).default([]) })

const http = z.strictObject({
  enabled: z.boolean().default(false),
  address: literalAddress.default('127.0.0.1'),
  port: port.default(9464),
})

const cdr = z.strictObject({ file: z.string().min(1).nullable().default(null) })

export const schema = z
  .strictObject({
    dataDirectory: z.string().min(1).default('./data'),
    log: log.prefault({}),
    sip: sip.prefault({}),
    media: media.prefault({}),
    whatsapp: whatsapp.prefault({}),
    relay: relay.prefault({}),
    dialing: dialing.prefault({}),
    dialler: dialler.prefault({}),
    routing: routing.prefault({}),
    http: http.prefault({}),
    cdr: cdr.prefault({}),
  })
  .superRefine((config, context) => {
    const accounts = new Set(config.whatsapp.accounts.map((entry) => entry.name))
    const users = new Set(config.sip.users.map((entry) => entry.username))
    const trunks = new Set([...config.sip.trunks, ...config.sip.registrations].map((entry) => entry.name))
    for (const key of ['users', 'registrations', 'trunks'] as const) {
      config.sip[key].forEach(({ account }, index) => {
        if (account === undefined || accounts.has(account)) return
        context.addIssue({
          code: 'custom',
          path: ['sip', key, index, 'account'],
          input: account,
          message: `must be one of: ${[...accounts].join(', ')}`,
        })
      })
    }
    config.routing.inbound.forEach((route, index) => {
      const issue = (key: string, value: string, allowed: Set<string>) =>
        context.addIssue({
          code: 'custom',
          path: ['routing', 'inbound', index, key],
          input: value,
          message: `must be one of: ${[...allowed].join(', ') || '(none is configured)'}`,
        })
      if (!accounts.has(route.account)) issue('account', route.account, accounts)
      if (route.user !== undefined && !users.has(route.user)) issue('user', route.user, users)
      if (route.trunk !== undefined && !trunks.has(route.trunk)) issue('trunk', route.trunk, trunks)
      if ((route.user === undefined) === (route.trunk === undefined)) {
        context.addIssue({
          code: 'custom',
          path: ['routing', 'inbound', index],
          input: 'route',
          message: 'needs exactly one of user and trunk',
        })
      }
      if (route.trunk !== undefined && route.extension === undefined) {
        context.addIssue({
          code: 'custom',
          path: ['routing', 'inbound', index, 'extension'],
          input: undefined,
          message: 'is needed with trunk: the number that the PBX is asked for',
        })
      }
    })
  })

export type Config = z.infer<typeof schema>
