import { bodyText, mediaType, type SipRequest } from '../message/message.ts'

export interface InfoDigit {
  readonly digit: string
  readonly durationMs: number
}

/** What a phone that gives no duration is taken to mean, and the bounds for one that does. */
const DEFAULT_DURATION_MS = 160
const MAX_DURATION_MS = 8000

const DIGIT = /^[0-9A-D*#]$/

/**
 * A digit in an INFO body: `application/dtmf-relay` (Signal=5, Duration=160) or `application/dtmf` (the digit alone).
 * No RFC; the forms are those of Cisco's gateways, which Asterisk and FreeSWITCH also send. undefined: not a digit.
 */
export function dtmfOf(info: SipRequest): InfoDigit | undefined {
  const type = mediaType(info)
  const text = bodyText(info).slice(0, 256)
  if (type === 'application/dtmf') return digit(text.trim(), undefined)
  if (type !== 'application/dtmf-relay') return undefined
  const signal = /^\s*Signal\s*=\s*(\S{1,2})\s*$/im.exec(text)?.[1]
  const duration = /^\s*Duration\s*=\s*([0-9]{1,5})\s*$/im.exec(text)?.[1]
  return signal === undefined ? undefined : digit(signal, duration)
}

/** 10 and 11 are how dtmf-relay's origin counted star and pound. */
const COUNTED: Readonly<Record<string, string>> = { '10': '*', '11': '#' }

function digit(signal: string, duration: string | undefined): InfoDigit | undefined {
  const name = COUNTED[signal] ?? signal.toUpperCase()
  if (!DIGIT.test(name)) return undefined
  const durationMs = duration === undefined ? DEFAULT_DURATION_MS : Math.min(Number(duration), MAX_DURATION_MS)
  return { digit: name, durationMs }
}
