/**
 * libsignal 6 reports on its sessions through the global console, and some of those lines carry the whole session
 * entry: ratchet private key, root key, chain keys. Importing this module takes those lines out of the console of the
 * process; every other line passes. Import it before the client library. (docs/protocol/client.md)
 */

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const

/** First arguments of libsignal's lines that carry no session but name one, word by word. */
const LINES = new Set([
  'Session already open',
  'Closing open session in favor of incoming prekey bundle',
  'Decrypted message with closed session.',
  'Failed to decrypt message with any known session...',
  'Migrating session to:',
  'V1 session storage migration error: registrationId',
])

/** The fields by which a session entry is known, wherever it stands in the line. */
const SESSION_FIELDS = ['currentRatchet', 'indexInfo', '_chains', 'pendingPreKey']

for (const method of METHODS) {
  // biome-ignore lint/suspicious/noConsole: this file is about the console
  const pass = console[method].bind(console)
  console[method] = (...args: unknown[]) => {
    if (!isFromLibsignal(args)) pass(...args)
  }
}

function isFromLibsignal(args: readonly unknown[]): boolean {
  const first = args[0]
  if (typeof first === 'string' && (LINES.has(first) || first.startsWith('Session error:'))) return true
  return args.some(isSessionEntry)
}

function isSessionEntry(value: unknown): boolean {
  return typeof value === 'object' && value !== null && SESSION_FIELDS.some((field) => field in value)
}
