import { readFileSync } from 'node:fs'
import { ConfigError } from '../base/errors.ts'
import type { Config } from '../config/schema.ts'
import type { SipTlsOptions, SipUserAgentOptions } from '../sip/sip-engine.ts'

/** Sessions that one call may take at most in the middle of a transfer or of ringing at several phones. */
const SESSIONS_PER_CALL = 10

/** The SIP side in the units of its room. Throws `ConfigError` for a certificate or key that cannot be read. */
export function sipOptions({ sip }: Config, product: string): SipUserAgentOptions {
  const { registrar, registrations, trunks } = sip
  return {
    listeners: sip.listen,
    externalAddress: sip.externalAddress ?? undefined,
    localNetworks: sip.localNetworks,
    tls: tlsOptions(sip.tls),
    keepaliveMs: sip.keepaliveS * 1000,
    qualifyMs: sip.qualifyS * 1000,
    realm: sip.realm,
    product,
    digestAlgorithms: sip.digestAlgorithms,
    sessionExpiresS: sip.sessionExpiresS,
    registrar,
    users: sip.users,
    limits: { maxSessions: SESSIONS_PER_CALL * sip.maxCalls, callsPerSecond: sip.callsPerSecond },
    registrations: registrations.map(({ registrar, fallbackRegistrars, port, callerIn, ...rest }) => ({
      ...rest,
      registrar: hostAndPort(registrar, port),
      fallbackRegistrars: fallbackRegistrars.map((host) => hostAndPort(host, port)),
      callerPlacement: callerIn,
    })),
    staticTrunks: trunks.map(({ host, port, callerIn, ...rest }) => ({
      ...rest,
      target: hostAndPort(host, port),
      callerPlacement: callerIn,
    })),
  }
}

/** Without a port SRV records may name one (RFC 3263). */
function hostAndPort(host: string, port: number | undefined): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}

function tlsOptions(tls: Config['sip']['tls']): SipTlsOptions {
  return withTexts(tls, (name) => pem(name, tls[name]))
}

/** The files that TLS stands on, by their names in the configuration. */
export const TLS_FILES = ['certificate', 'key', 'ca'] as const

export type TlsFile = (typeof TLS_FILES)[number]

export function withTexts(
  { clientCertificates, verifyServers }: Config['sip']['tls'],
  textOf: (name: TlsFile) => string | undefined,
): SipTlsOptions {
  return {
    clientCertificates,
    verifyServers,
    certificate: textOf('certificate'),
    key: textOf('key'),
    ca: textOf('ca'),
  }
}

function pem(name: TlsFile, path: string | null): string | undefined {
  if (path === null) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new ConfigError('config.tls', `sip.tls.${name}: file ${path} cannot be read (${reason})`, {}, { cause })
  }
}
