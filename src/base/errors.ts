/**
 * Errors are data. `code` is stable: it is the metric label, the CDR cause and the anchor in the manual.
 * `message` says what was wrong and what is allowed; it holds no secret and no full phone number.
 */
export class TandemError extends Error {
  readonly code: string
  /** Fields for the log line that goes with the error. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.details = details
  }
}

/** Bytes or text from the network that do not follow their format. */
export class ParseError extends TandemError {}

/** A value from the administrator (config, command line) that is not allowed. */
export class ConfigError extends TandemError {}

/** The other side did not do what its protocol asks for, or not in time. */
export class ProtocolError extends TandemError {}
