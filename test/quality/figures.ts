import { type Condition, onSip, onWhatsApp, onWhatsAppWithoutCopies } from './conditions.ts'
import { type Quality, qualityOf } from './hearing.ts'
import { measureCall } from './measured-call.ts'

export type Way = 'toWhatsApp' | 'fromWhatsApp'

export interface Row {
  readonly name: string
  readonly toWhatsApp: Quality
  readonly fromWhatsApp: Quality
}

/** All that `npm run quality` measures, and with what. */
export interface Figures {
  readonly commit: string
  readonly seed: number
  readonly seconds: number
  /** Faults on the WhatsApp link, as shipped. */
  readonly whatsApp: readonly Row[]
  readonly withoutCopies: readonly Row[]
  readonly sip: readonly Row[]
}

/** At 10 % loss STOI may be this much below that without loss. */
export const LIMIT = 0.05
const LIMITED = '10 % loss'

export async function measureAll(
  seed: number,
  seconds: number,
  onRow: (row: Row) => void,
): Promise<Pick<Figures, 'whatsApp' | 'withoutCopies' | 'sip'>> {
  const rows = async (conditions: readonly Condition[]) => {
    const done: Row[] = []
    for (const condition of conditions) {
      done.push(await measureRow(condition, seed, seconds))
      onRow(done.at(-1)!)
    }
    return done
  }
  return {
    whatsApp: await rows(onWhatsApp),
    withoutCopies: await rows(onWhatsAppWithoutCopies),
    sip: await rows(onSip),
  }
}

export async function measureRow(condition: Condition, seed: number, seconds: number): Promise<Row> {
  const { toWhatsApp, fromWhatsApp } = await measureCall(condition, seed, seconds)
  return { name: condition.name, toWhatsApp: qualityOf(toWhatsApp), fromWhatsApp: qualityOf(fromWhatsApp) }
}

export const limitOf = (clean: Row, way: Way) => clean[way].stoi - LIMIT

/** How much STOI loses at 10 % loss, at worst of the two ways. */
export function costOfLoss(clean: Row, rows: readonly Row[]): number {
  const lossy = rows.find(({ name }) => name === LIMITED)
  if (!lossy) throw new Error(`nothing was measured at ${LIMITED}`)
  return Math.max(clean.toWhatsApp.stoi - lossy.toWhatsApp.stoi, clean.fromWhatsApp.stoi - lossy.fromWhatsApp.stoi)
}
