import { describe, expect, it } from 'vitest'
import { asProtocolError, connectionEndOf } from '../../../src/whatsapp/account/library-errors.ts'

const failed = (message: string, code?: string) => Object.assign(new Error(message), code === undefined ? {} : { code })
/** The library's errors are Boom's. */
const boom = (message: string, statusCode: number, data?: unknown) =>
  Object.assign(new Error(message), { output: { statusCode }, data })

describe('what the library throws', () => {
  it.each([
    ['a write into a connection that was reset', failed('write ECONNRESET', 'ECONNRESET'), 'whatsapp.offline'],
    ['into one that is closed', failed('write EPIPE', 'EPIPE'), 'whatsapp.offline'],
    [
      'into a stream that is gone',
      failed('Cannot call write after a stream was destroyed', 'ERR_STREAM_DESTROYED'),
      'whatsapp.offline',
    ],
    ['into one whose other side is out of reach', failed('write EHOSTUNREACH', 'EHOSTUNREACH'), 'whatsapp.offline'],
    ['a disk that is full', failed('ENOSPC: no space left on device, write', 'ENOSPC'), 'whatsapp.send'],
    ['a file that may not be opened', failed('EACCES: permission denied, open', 'EACCES'), 'whatsapp.send'],
    ['no file descriptor left', failed('EMFILE: too many open files, open', 'EMFILE'), 'whatsapp.send'],
    ['into a websocket that closes', failed('WebSocket is not open: readyState 2 (CLOSING)'), 'whatsapp.offline'],
    ['nobody there', boom('Connection Closed', 428), 'whatsapp.offline'],
    ['a stanza that cannot be encoded', failed('out of range', 'ERR_OUT_OF_RANGE'), 'whatsapp.send'],
    ['a refusal', boom('no', 400), 'whatsapp.send'],
  ])('%s', (_, error, code) => {
    expect(asProtocolError(error, 'whatsapp.send', 'a stanza could not be sent').code).toBe(code)
  })

  it.each([
    ['21600', { statusCode: 402, expireS: 21_600 }],
    ['soon', { statusCode: 402 }],
    ['-1', { statusCode: 402 }],
    [undefined, { statusCode: 402 }],
  ])('says how long a ban lasts: expire=%s', (expire, end) => {
    const data = { reason: '402', ...(expire !== undefined && { expire }) }
    expect(connectionEndOf(boom('Connection Failure', 402, data))).toEqual(end)
  })
})
