import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogFields, Logger } from '../../../src/base/logger.ts'
import { libraryLog, redact } from '../../../src/whatsapp/account/library-log.ts'

function setUp() {
  const lines: { level: string; fields: LogFields; message: string }[] = []
  const at = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, fields, message })
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  }
  return { log: libraryLog(logger), lines }
}

describe("the library's log", () => {
  it('passes warnings and errors as warnings, and nothing below', () => {
    const { log, lines } = setUp()
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const)
      log.child({ class: 'x' })[level]({}, level)
    expect(lines.map(({ level, fields }) => [level, fields.text])).toEqual([
      ['warn', 'warn'],
      ['warn', 'error'],
    ])
  })

  it('does not ask the library to format stanzas', () => {
    expect(setUp().log.level).toBe('warn')
  })

  it('lets no object of the library through, only the message of its error', () => {
    const { log, lines } = setUp()
    const secret = Buffer.alloc(32, 7)
    const err = Object.assign(new Error('bad mac'), { node: { content: secret } })
    log.error({ err, node: { attrs: { token: secret.toString('base64') } }, key: secret }, 'failed to decrypt')
    expect(lines[0]?.fields).toEqual({ library: 'baileys', error: 'bad mac', text: 'failed to decrypt' })
  })

  it('keeps one line of a stack, and texts without fields', () => {
    const { log, lines } = setUp()
    log.error({ trace: 'Error: timed out\n    at somewhere' }, 'keep alive')
    log.warn('Invalid LID-PN mapping: 123456789012@lid, 4915112345678@s.whatsapp.net')
    expect(lines[0]?.fields.error).toBe('Error: timed out')
    expect(lines[1]?.fields.text).toBe('Invalid LID-PN mapping: …12@lid, …78@s.whatsapp.net')
  })

  it('leaves out the warning about presence that we do not want', () => {
    const { log, lines } = setUp()
    log.warn('no name present, ignoring presence update request...')
    expect(lines).toEqual([])
  })

  it('cuts out long numbers and anything like a key, wherever they stand', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ minLength: 32, maxLength: 64 }), fc.string(), (before, key, after) => {
        for (const encoding of ['base64', 'hex', 'base64url'] as const) {
          const text = Buffer.from(key).toString(encoding)
          expect(redact(`${before} ${text} ${after}`)).not.toContain(text.replace(/=+$/, ''))
        }
      }),
    )
  })
})
