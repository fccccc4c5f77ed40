import { proto } from 'baileys'
import { expect, it } from 'vitest'
import { isHistoryOfUse } from '../../../src/whatsapp/account/history-part.ts'

const { INITIAL_BOOTSTRAP, RECENT } = proto.HistorySync.HistorySyncType
const MAX_BYTES = 8_000_000
const inline = (bytes: number) => ({ initialHistBootstrapInlinePayload: new Uint8Array(bytes) })

it.each([
  ['in the message', INITIAL_BOOTSTRAP, inline(MAX_BYTES), true],
  ['too long in the message, whatever it says', INITIAL_BOOTSTRAP, { ...inline(MAX_BYTES + 1), fileLength: 1 }, false],
  ['a file', INITIAL_BOOTSTRAP, { directPath: '/a', fileLength: MAX_BYTES }, true],
  ['a file that is too long', INITIAL_BOOTSTRAP, { directPath: '/a', fileLength: MAX_BYTES + 1 }, false],
  ['a file that names no length', INITIAL_BOOTSTRAP, { directPath: '/a' }, false],
  ['of another kind', RECENT, inline(1), false],
])('a part of the chat history, %s', (_, syncType, rest, isOfUse) => {
  // As it comes off the wire, where a length is a `Long`.
  const { HistorySyncNotification } = proto.Message
  const part = HistorySyncNotification.decode(HistorySyncNotification.encode({ syncType, ...rest }).finish())
  expect(isHistoryOfUse(part)).toBe(isOfUse)
})
