import { z } from 'zod'

export const port = z.int().min(0).max(65_535)

export const literalAddress = z.union([z.ipv4(), z.ipv6()], { error: 'must be an IPv4 or IPv6 address, not a name' })

export const cidr = z.union([z.cidrv4(), z.cidrv6()], { error: 'must be a network such as 192.168.1.0/24' })

/** Of a day, 24 hours. */
export const timeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, "must be a time such as '21:30'")

export const timeZone = z.string().refine(isTimeZone, { error: 'must be an IANA time zone such as Europe/Berlin' })

/** A secret: `env:NAME`, `file:PATH`, or the text itself. */
export const secret = z.string().min(1).max(512)

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name })
    return true
  } catch {
    return false
  }
}
