import { splitOutsideQuotes, withoutControls } from './grammar.ts'

/** RFC 3261 §7.3.3 and IANA's list of compact forms. */
const COMPACT: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
])

/** Header fields in their order, found by name without regard to case or compact form. */
export class Headers {
  readonly #names: string[] = []
  readonly #keys: string[] = []
  readonly #values: string[] = []

  static of(fields: Iterable<readonly [string, string]>): Headers {
    const headers = new Headers()
    for (const [name, value] of fields) headers.append(name, value)
    return headers
  }

  /** For fields that we write: a value cannot start a new line (header injection). */
  append(name: string, value: string): this {
    return this.appendReceived(name, withoutControls(value))
  }

  prepend(name: string, value: string): this {
    this.#names.unshift(name)
    this.#keys.unshift(keyOf(name))
    this.#values.unshift(withoutControls(value))
    return this
  }

  /** For the parser, which has already split the lines. */
  appendReceived(name: string, value: string): this {
    this.#names.push(name)
    this.#keys.push(keyOf(name))
    this.#values.push(value)
    return this
  }

  /** The first line of that name. */
  get(name: string): string | undefined {
    const at = this.#keys.indexOf(keyOf(name))
    return at < 0 ? undefined : this.#values[at]
  }

  has(name: string): boolean {
    return this.#keys.includes(keyOf(name))
  }

  /** Every line of that name, as written. */
  lines(name: string): string[] {
    const key = keyOf(name)
    return this.#values.filter((_, i) => this.#keys[i] === key)
  }

  /** Every value of a list header: lines in order, each split at its commas (§7.3.1). */
  list(name: string): string[] {
    return this.lines(name)
      .flatMap((line) => splitOutsideQuotes(line, ','))
      .filter((value) => value !== '')
  }

  count(name: string): number {
    const key = keyOf(name)
    return this.#keys.reduce((sum, k) => sum + (k === key ? 1 : 0), 0)
  }

  get size(): number {
    return this.#keys.length
  }

  /** Replaces the first line of that name, or appends. */
  replaceFirst(name: string, value: string): this {
    const at = this.#keys.indexOf(keyOf(name))
    if (at < 0) return this.append(name, value)
    this.#values[at] = withoutControls(value)
    return this
  }

  /** Every line of that name goes. */
  remove(name: string): this {
    for (let at = this.#keys.indexOf(keyOf(name)); at >= 0; at = this.#keys.indexOf(keyOf(name))) {
      for (const column of [this.#names, this.#keys, this.#values]) column.splice(at, 1)
    }
    return this
  }

  copyFrom(other: Headers, name: string): this {
    const key = keyOf(name)
    other.#keys.forEach((k, i) => {
      if (k === key) this.appendReceived(other.#names[i]!, other.#values[i]!)
    })
    return this
  }

  clone(): Headers {
    const copy = new Headers()
    copy.#names.push(...this.#names)
    copy.#keys.push(...this.#keys)
    copy.#values.push(...this.#values)
    return copy
  }

  /** `Name: value` lines, each with its CRLF. */
  format(): string {
    let text = ''
    for (let i = 0; i < this.#names.length; i++) text += `${this.#names[i]}: ${this.#values[i]}\r\n`
    return text
  }
}

/** Spellings seen on the wire; names are few, so the cache is filled once and stays small. */
const KEYS = new Map<string, string>()
const MAX_CACHED_KEYS = 256

function keyOf(name: string): string {
  const known = KEYS.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  const key = COMPACT.get(lower) ?? lower
  if (KEYS.size < MAX_CACHED_KEYS) KEYS.set(name, key)
  return key
}
