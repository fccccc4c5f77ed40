import { z } from 'zod'

export const port = z.int().min(0).max(65_535)

export const literalAddress = z.union([z.ipv4(), z.ipv6()], { error: 'must be an IPv4 or IPv6 address, not a name' })

export const cidr = z.union([z.cidrv4(), z.cidrv6()], { error: 'must be a network such as 192.168.1.0/24' })

/** A secret: `env:NAME`, `file:PATH`, or the text itself. */
export const secret = z.string().min(1).max(512)
