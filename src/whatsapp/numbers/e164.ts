import { ConfigError } from '../../base/errors.ts'
import { ALL_EMERGENCY_NUMBERS, EMERGENCY_NUMBERS, UNIVERSAL_EMERGENCY_NUMBERS } from './emergency-numbers.ts'

/** How numbers are dialled at this trunk. */
export interface DialPlanOptions {
  /** Digits of the country code that national numbers belong to; without it national numbers are refused. */
  readonly defaultCountryCode?: string
  /** Dialled before a country code. Default `00`. */
  readonly internationalPrefix?: string
  /** Dialled before a national number, and not part of it. Default `0`; empty where there is none. */
  readonly nationalPrefix?: string
  /** What digits without any prefix are. Default `international`, the habit of SIP trunks. */
  readonly bareDigits?: 'international' | 'national'
  /** Fewer digits than this are a short number. Default 7. */
  readonly minDigits?: number
}

type RefusalReason = 'empty' | 'not-a-number' | 'no-country-code' | 'emergency' | 'short' | 'too-long'

export type NormalizedNumber =
  | { readonly kind: 'e164' /** E.164 without `+`. */; readonly digits: string }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

/** E.164 section 6.2.1: 15 digits, country code included. */
const MAX_DIGITS = 15
const MAX_INPUT_CHARS = 256

/**
 * Makes E.164 digits of what a phone dialled: `+`, international or national form, a user part of a `sip:` or `tel:`
 * URI, visual separators. Emergency and short numbers are refused whatever their form. Never throws for any input.
 */
export class NumberNormalizer {
  readonly #countryCode: string | undefined
  readonly #internationalPrefix: string
  readonly #nationalPrefix: string
  readonly #bareDigits: 'international' | 'national'
  readonly #minDigits: number

  constructor(options: DialPlanOptions = {}) {
    this.#countryCode = options.defaultCountryCode
    this.#internationalPrefix = options.internationalPrefix ?? '00'
    this.#nationalPrefix = options.nationalPrefix ?? '0'
    this.#bareDigits = options.bareDigits ?? 'international'
    this.#minDigits = options.minDigits ?? 7
    if (this.#countryCode !== undefined && !/^[1-9]\d{0,2}$/.test(this.#countryCode)) {
      throw new ConfigError('config.country-code', 'a country code is 1 to 3 digits and does not start with 0')
    }
  }

  normalize(dialled: string): NormalizedNumber {
    const user = userPart(dialled)
    if (user === undefined) return refused('not-a-number')
    const written = withoutSeparators(user.number)
    if (written === '' || written === '+') return refused('empty')
    if (!/^\+?[0-9]+$/.test(written)) return refused('not-a-number')
    if (this.#isEmergency(written)) return refused('emergency')
    const number = this.#international(written, user.context)
    const isShort = number.kind === 'refused' && number.reason === 'short'
    return isShort && this.#isWritten(written, isEmergencyAnywhere) ? refused('emergency') : number
  }

  #international(written: string, context: string | undefined): NormalizedNumber {
    if (written.startsWith('+')) return this.#checked(written.slice(1), '')
    if (context !== undefined) return this.#checked(context + written, context)
    const { countryCode, national, form } = this.#split(written)
    if (form === 'international') return this.#checked(national, '')
    if (national.length < this.#minDigits) return refused('short')
    return countryCode === undefined ? refused('no-country-code') : this.#checked(countryCode + national, countryCode)
  }

  #split(written: string): { countryCode?: string; national: string; form: 'international' | 'national' } {
    const after = (prefix: string) =>
      prefix !== '' && written.startsWith(prefix) ? written.slice(prefix.length) : undefined
    const international = after(this.#internationalPrefix)
    if (international !== undefined) return { national: international, form: 'international' }
    const national = after(this.#nationalPrefix)
    const home = this.#countryCode === undefined ? {} : { countryCode: this.#countryCode }
    if (national !== undefined) return { ...home, national, form: 'national' }
    return { ...home, national: written, form: this.#bareDigits }
  }

  #checked(digits: string, countryCode: string): NormalizedNumber {
    if (digits.length > MAX_DIGITS) return refused('too-long')
    if (isEmergencyAbroad(digits) || this.#isEmergency(digits.slice(countryCode.length))) return refused('emergency')
    if (digits.length < this.#minDigits) return refused('short')
    return digits.startsWith('0') ? refused('not-a-number') : { kind: 'e164', digits }
  }

  #isEmergency(written: string): boolean {
    const local = this.#countryCode === undefined ? [] : (EMERGENCY_NUMBERS[this.#countryCode] ?? [])
    const isOne = (candidate: string) => UNIVERSAL_EMERGENCY_NUMBERS.includes(candidate) || local.includes(candidate)
    return this.#isWritten(written, isOne)
  }

  /** As dialled, or behind any prefix a nervous caller puts before it. */
  #isWritten(written: string, isOne: (candidate: string) => boolean): boolean {
    const digits = written.replace('+', '')
    return [this.#internationalPrefix, this.#nationalPrefix, ''].some(
      (prefix) => digits.startsWith(prefix) && isOne(digits.slice(prefix.length)),
    )
  }
}

/** `+49 110`, `+1 911`: a country code and then nothing but an emergency number of that country. */
function isEmergencyAbroad(digits: string): boolean {
  return [1, 2, 3].some((length) => {
    const local = EMERGENCY_NUMBERS[digits.slice(0, length)]
    const national = digits.slice(length)
    return local !== undefined && (local.includes(national) || UNIVERSAL_EMERGENCY_NUMBERS.includes(national))
  })
}

/** For what is too short to be a telephone number: nobody knows in which country the caller is, or was until yesterday. */
const isEmergencyAnywhere = (candidate: string) => ALL_EMERGENCY_NUMBERS.has(candidate)

function refused(reason: RefusalReason): NormalizedNumber {
  return { kind: 'refused', reason }
}

/** RFC 3261 section 19.1.6 and RFC 3966 section 3: the number in a URI, and the global `phone-context` it is local to. */
function userPart(dialled: string): { number: string; context: string | undefined } | undefined {
  if (dialled.length > MAX_INPUT_CHARS) return undefined
  const withoutScheme = dialled.trim().replace(/^(sips?|tel):/i, '')
  const beforeHost = withoutScheme.split('@', 1)[0]!
  const [number = '', ...parameters] = beforeHost.split(/[;?]/)
  const context = parameters.find((parameter) => /^phone-context=\+/i.test(parameter))
  try {
    return { number: decodeURIComponent(number), context: context?.replace(/\D/g, '') }
  } catch {
    return undefined
  }
}

/** RFC 3966 visual separators, and those people write: spaces, slashes, and the `(0)` of `+49 (0) 30`. */
function withoutSeparators(number: string): string {
  const trimmed = number.trim()
  const plain = trimmed.startsWith('+') ? trimmed.replace(/\(0\)/, '') : trimmed
  return plain.replace(/[-.()/\s]/g, '')
}
