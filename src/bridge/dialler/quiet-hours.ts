/** A time of every day in which nobody is dialled. */
export interface QuietHours {
  /** `HH:MM`, 24 hours. `to` before `from` reaches over midnight. */
  readonly from: string
  readonly to: string
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string
}

const MINUTES_PER_DAY = 1440

/** Seconds until the quiet hours are over; undefined outside them. A change to summer time in between is not foreseen. */
export function quietForS(hours: QuietHours, wallMs: number): number | undefined {
  const now = minuteOfDay(timeAt(wallMs, hours.timeZone))
  const from = minuteOfDay(hours.from)
  const to = minuteOfDay(hours.to)
  const isQuiet = from <= to ? now >= from && now < to : now >= from || now < to
  if (!isQuiet) return undefined
  const minutes = (to - now + MINUTES_PER_DAY) % MINUTES_PER_DAY
  return minutes * 60 - (Math.floor(wallMs / 1000) % 60)
}

function minuteOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function timeAt(wallMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(
    wallMs,
  )
}
