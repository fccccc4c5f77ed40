import { createHmac, randomBytes } from 'node:crypto'
import { maskDigits, maskId } from '../log.ts'

const TAG_CHARS = 8

/**
 * Puts short tags in place of what must not be read. Equal values get equal tags within one trace, so that a reader can
 * follow them; the key is random and is kept nowhere, so that nobody can try all phone numbers against a tag.
 */
export class Redactor {
  readonly #key = randomBytes(32)

  /** A phone number, LID or SIP user: `num:12#1a2b3c4d`. A leading `+` makes no difference. */
  number(text: string): string {
    const bare = text.replace(/^\+/, '')
    return `${/^\d+$/.test(bare) ? 'num' : 'user'}:${bare.length}#${this.#tag(bare)}`
  }

  /** `USER[:DEVICE]@SERVER` with the user redacted. A server alone stays. */
  jid(text: string): string {
    const at = text.lastIndexOf('@')
    if (at < 0) return /^[a-z.]{1,32}$/.test(text) ? text : this.text(text)
    const [user = '', device] = text.slice(0, at).split(':')
    const server = text.slice(at + 1)
    if (!/^[a-z.]{1,32}$/.test(server)) return this.text(text)
    return `${this.number(user)}${/^\d{1,3}$/.test(device ?? '') ? `:${device}` : ''}@${server}`
  }

  /** A call-id, stanza id, or anything else that only has to be told from others. */
  id(text: string): string {
    return `id#${this.#tag(text)}`
  }

  /** The correlation id of a call, as the log shows it; one that had to be masked is still told from others. */
  correlationId(text: string): string {
    return this.#tagged(text, maskId(text))
  }

  /** The name of an account, which an administrator chose: it may be the number. */
  account(text: string): string {
    return this.#tagged(text, maskDigits(text))
  }

  /** A name, a token in text, anything unknown. */
  text(text: string): string {
    return text === '' ? '' : `text:${text.length}#${this.#tag(text)}`
  }

  bytes(bytes: Uint8Array): string {
    return `bytes:${bytes.length}#${this.#tag(bytes)}`
  }

  #tagged(text: string, masked: string): string {
    return masked === text ? text : `${masked}#${this.#tag(text)}`
  }

  #tag(value: string | Uint8Array): string {
    return createHmac('sha256', this.#key).update(value).digest('hex').slice(0, TAG_CHARS)
  }
}
