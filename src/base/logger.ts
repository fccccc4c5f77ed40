export type LogFields = Readonly<Record<string, unknown>>

/**
 * What a room may ask of a log. Fields first, then a constant sentence, as pino does; `ops/log.ts` implements it.
 * Never pass a secret: numbers go through fields named `number`, `from`, `to` or `jid`, which are redacted.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A logger whose every line also carries `fields`, for example the correlation id of one call. */
  child(fields: LogFields): Logger
}

const nothing = () => {}

export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
}
