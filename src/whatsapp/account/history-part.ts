import { proto } from 'baileys'

/** Compressed. A part is decoded as a whole: those that others have seen inflate to 5 to 20 MB. */
const MAX_HISTORY_BYTES = 8_000_000

/**
 * Of the chat history that the phone sends to a new device the first part is looked into, for the privacy tokens and the
 * LIDs of the people that its owner knows; the library stores nothing else of it
 * (docs/decisions/0075-tokens-out-of-the-history.md). What comes in the message is measured; of a file the phone, which is
 * the owner's own, is believed how long it is, and of both what they inflate to. The library also asks without either.
 */
export function isHistoryOfUse(part: proto.Message.IHistorySyncNotification): boolean {
  if (part.syncType !== proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP) return false
  const bytes = part.initialHistBootstrapInlinePayload?.length ?? Number(part.fileLength ?? Number.NaN)
  return bytes <= MAX_HISTORY_BYTES
}
