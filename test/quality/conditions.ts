import type { LinkFaults } from './faulty-link.ts'

type LinkName = 'whatsapp' | 'sip'

/** One call to be measured. */
export interface Condition {
  /** As the table names it. */
  readonly name: string
  /** The link that has the faults; the other has none. */
  readonly link: LinkName
  readonly faults: LinkFaults
  /** How much faster the clock of the phone beyond that link runs than the gateway's. */
  readonly skewPpm: number
  /** Both ends of the WhatsApp link announce that they take copies. */
  readonly announceCopies: boolean
}

const FAULTS: readonly (readonly [string, LinkFaults, number?])[] = [
  ['no loss', {}],
  ['1 % loss', { loss: 0.01 }],
  ['5 % loss', { loss: 0.05 }],
  ['10 % loss', { loss: 0.1 }],
  ['20 % loss', { loss: 0.2 }],
  ['outages of 120 ms, 5 % of the time', { outages: { share: 0.05, meanMs: 120 } }],
  ['50 ms jitter', { jitterMs: 50 }],
  ['clock 200 ppm fast', {}, 200],
  ['clock 200 ppm slow', {}, -200],
]

const LOSSES = FAULTS.filter(([, { loss, outages }]) => loss !== undefined || outages !== undefined)

function conditions(link: LinkName, announceCopies: boolean, faults: typeof FAULTS): readonly Condition[] {
  return faults.map(([name, each, skewPpm = 0]) => ({ name, link, faults: each, skewPpm, announceCopies }))
}

export const onWhatsApp = conditions('whatsapp', true, FAULTS)
export const onWhatsAppWithoutCopies = conditions('whatsapp', false, LOSSES)
export const onSip = conditions('sip', true, FAULTS)
