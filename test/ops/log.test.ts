import { describe, expect, it } from 'vitest'
import { createLogger, maskDigits, maskId } from '../../src/ops/log.ts'

function capture(format: 'json' | 'pretty') {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', format, destination: { write: (line) => void lines.push(line) } })
  return { log, lines }
}

describe('log', () => {
  it('shows two digits of a number and nothing of a secret, in bindings and fields alike', () => {
    const { log, lines } = capture('json')
    const child = log.child({ correlationId: 'c-1', peer: '4917012345678@s.whatsapp.net' })
    child.info({ to: '+4917012345678', password: 'hunter2', auth: { password: 'hunter3' }, callKey: 'k' }, 'call state')
    const line = lines.join('')
    expect(line).not.toContain('4917012345678')
    expect(line).not.toMatch(/hunter/)
    const entry = JSON.parse(line) as Record<string, unknown>
    expect(entry).toMatchObject({
      level: 'info',
      correlationId: 'c-1',
      to: '+***********78',
      callKey: '[redacted]',
      msg: 'call state',
    })
    expect(entry.peer).toBe('***********78@s.whatsapp.net')
  })

  it('says what an error is, without the numbers in it', () => {
    const { log, lines } = capture('json')
    log.child({ room: 'sip' }).error({ error: new RangeError('no leg for 4917012345678') }, 'a handler failed')
    log.error({ error: String(new RangeError('no leg for 4917012345678')) }, 'a handler failed')
    const errors = lines.map((line) => (JSON.parse(line) as { error: string }).error)
    expect(errors[0]).toMatch(/^RangeError: no leg for \*+78\n +at /)
    expect(errors[1]).toMatch(/^RangeError: no leg for \*+78$/)
  })

  it('shows two digits of a number that is a trunk’s id of the call, an account, or in words', () => {
    const { log, lines } = capture('json')
    const child = log.child({ correlationId: '4917012345678', room: 'whatsapp', account: '491701234567' })
    child.info({ divertedBy: '+49-170-1234567', reason: 'no route to 4917012345678' }, 'call from SIP')
    log.info({ correlationId: 'pbx-1732212345.67', callId: '0123456789ABCDEF' }, 'call state')
    expect(lines.join('')).not.toMatch(/4917|170-123/)
    expect(JSON.parse(lines[0]!)).toMatchObject({ correlationId: '***********78', account: '**********67' })
    expect(JSON.parse(lines[1]!)).toMatchObject({ correlationId: 'pbx-1732212345.67', callId: '0123456789ABCDEF' })
  })

  it('keeps one line per entry when pretty', () => {
    const { log, lines } = capture('pretty')
    log.warn({ trunk: 'pbx', status: 503 }, 'trunk refused')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}trunk refused {2}trunk=pbx status=503\n$/)
  })

  it.each([
    ['0170_1234_5678', '****_****_**78'],
    ['+49.170.1234.567', '+**.***.****.*67'],
    ['call-0170.1234.567', 'call-****.****.*67'],
    ['49170123-4567-8901-2345-678901234567', '********-****-****-****-**********67'],
    ['to-4917012345678-1732212345.67', 'to-*************-**********.67'],
    ['pbx1-1732212345.67', 'pbx1-1732212345.67'],
    ['7C1D9C0E-1111-4222-8333-123456789012', '7C1D9C0E-1111-4222-8333-123456789012'],
    ['call-17', 'call-17'],
  ])('shows two digits of a number in an id, however it is written, and a drawn id whole: %s', (id, shown) => {
    expect(maskId(id)).toBe(shown)
  })

  it('masks runs of five or more digits, and nine written apart', () => {
    expect(maskDigits('100')).toBe('100')
    expect(maskDigits('12345')).toBe('***45')
    expect(maskDigits('123:7@lid')).toBe('123:7@lid')
    expect(maskDigits('192.168.100.200:5060 500 ms')).toBe('192.168.100.200:5060 500 ms')
    expect(maskDigits('+49 (170) 123-4567')).toBe('+** (***) ***-**67')
  })
})
