import type { CallTraceEvent } from '../base/tracer.ts'
import { endpointText } from '../net/ip-address.ts'
import type { RelayStats } from '../relay/relay-set.ts'
import type { LegQuality } from './leg.ts'
import type { WhatsAppMediaStats } from './whatsapp-media.ts'

type Figures = Readonly<Record<string, number>>

/** What the record of the call tells of the WhatsApp side. */
export function qualityOf({ playout, srtp, sentPackets }: WhatsAppMediaStats, mutedMs: number): LegQuality {
  const { received, lost, late, recovered, concealedMs } = playout
  // Copies that came over other relays are no rejects.
  const rejected = srtp.malformed + srtp.forged
  const jitterMs = Math.round(playout.jitterMs)
  return { received, sent: sentPackets, lost, late, rejected, recovered, concealedMs, jitterMs, mutedMs }
}

/** What a live session is understood by: what was heard and what became of it, then each relay. */
export function mediaTrace(stats: WhatsAppMediaStats, mutedMs: number): readonly CallTraceEvent[] {
  return [
    { what: 'media', side: 'whatsapp', figures: figuresOf(stats, mutedMs) },
    ...stats.relays.map((relay) => ({ what: 'relay', event: 'figures', ...relayFigures(relay) }) as const),
  ]
}

/** The same for the log, at the end of a call. */
export function mediaSummary(stats: WhatsAppMediaStats, mutedMs: number): Readonly<Record<string, unknown>> {
  const relays = stats.relays.map((relay) => {
    const { figures, ...place } = relayFigures(relay)
    return { ...place, ...figures }
  })
  return { ...figuresOf(stats, mutedMs), relays }
}

function figuresOf(stats: WhatsAppMediaStats, mutedMs: number): Figures {
  const { targetMs, refused } = stats.playout
  return { ...qualityOf(stats, mutedMs), targetMs, refused, unsupportedFrames: stats.unsupportedFrames, ...stats.srtp }
}

function relayFigures({ relayName: relay, endpoint, rttMs, registered, ...stats }: RelayStats) {
  const { dials, sent, sendDropped, received, rtp, rtcp, malformed } = stats
  return {
    relay,
    endpoint: endpointText(endpoint),
    rttMs: rttMs === undefined ? undefined : Math.round(rttMs),
    figures: { registered: Number(registered), dials, sent, sendDropped, received, rtp, rtcp, malformed },
  }
}
