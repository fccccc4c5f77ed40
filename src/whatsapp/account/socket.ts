import './silence-libsignal.ts'
import {
  DEFAULT_CONNECTION_CONFIG,
  isJidBroadcast,
  isJidGroup,
  isJidNewsletter,
  makeWASocket,
  WA_CERT_DETAILS,
} from 'baileys'
import type { Logger } from '../../base/logger.ts'
import { guardListeners } from './guard-listeners.ts'
import { isHistoryOfUse } from './history-part.ts'
import { messageOf } from './library-errors.ts'
import { libraryLog } from './library-log.ts'
import type { StanzaTap } from './stanza-tap.ts'
import type { AccountStore } from './store.ts'

export type Socket = ReturnType<typeof makeWASocket>

export interface SocketOptions {
  readonly store: AccountStore
  readonly logger: Logger
  /** Default: WhatsApp's own. */
  readonly url?: string | undefined
  /** WhatsApp Web version to announce; the library's default ages. */
  readonly version?: readonly [number, number, number] | undefined
  /** Shown in the phone's list of linked devices. */
  readonly deviceName: string
  readonly tap?: StanzaTap | undefined
  /** See `setNoiseRoot`. */
  readonly noiseRoot?: NoiseRoot | undefined
}

/** The certificate authority of the server's Noise key. */
export interface NoiseRoot {
  /** 32 bytes, X25519. */
  readonly publicKey: Uint8Array
  readonly serial: number
}

/** A query that is not answered in this time counts as failed; a caller is waiting. */
const QUERY_TIMEOUT_MS = 20_000
/** How long a closing handshake may take before the TCP connection is dropped. */
const CLOSE_TIMEOUT_MS = 2000

/**
 * A new connection attempt. Everything a gateway has no use for is off: presence, most of the chat history, link
 * previews, initial queries, groups. One-to-one messages are still decrypted and acknowledged, because a chain of more
 * than 2000 messages left aside makes the session of their sender unusable for call keys (docs/protocol/client.md).
 * `takeOver` gets the emitter before any stanza can arrive, with the library's own `<call>` handler already removed.
 */
export function openSocket(options: SocketOptions, takeOver: (socket: Socket) => void): Socket {
  if (options.noiseRoot) setNoiseRoot(options.noiseRoot)
  const { store, logger } = options
  const socket = makeWASocket({
    auth: { creds: store.creds, keys: store.keys },
    waWebSocketUrl: options.url ?? DEFAULT_CONNECTION_CONFIG.waWebSocketUrl,
    version: options.version ? [...options.version] : DEFAULT_CONNECTION_CONFIG.version,
    browser: [options.deviceName, 'Chrome', '1.0'],
    logger: libraryLog(logger, options.tap),
    markOnlineOnConnect: false,
    syncFullHistory: false,
    shouldSyncHistoryMessage: isHistoryOfUse,
    shouldIgnoreJid: (jid) => Boolean(isJidGroup(jid) || isJidBroadcast(jid) || isJidNewsletter(jid)),
    fireInitQueries: false,
    generateHighQualityLinkPreview: false,
    emitOwnEvents: false,
    enableRecentMessageCache: false,
    defaultQueryTimeoutMs: QUERY_TIMEOUT_MS,
    // A commit that fails must fail the call at once: nothing may be sent with a state that was not kept.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
  })
  boundClosing(socket)
  socket.ws.removeAllListeners('CB:call')
  guardListeners(socket.ws, (event, error) => {
    logger.warn({ event: event.split(',', 1)[0], reason: messageOf(error) }, 'a handler of the client library failed')
    // An undecodable frame: the Noise counters are out of step, nothing after it can be read.
    if (event === 'message') void socket.end(error instanceof Error ? error : undefined)
  })
  if (options.tap) socket.ws.on('frame', (frame) => options.tap?.received(frame))
  takeOver(socket)
  return socket
}

/**
 * The library has no option for the Noise root; it reads a constant object that is shared by the whole process.
 * Only for a server that is not WhatsApp, such as the simulator, and then for every account of the process.
 */
function setNoiseRoot(root: NoiseRoot): void {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(root.publicKey)
  WA_CERT_DETAILS.SERIAL = root.serial
}

/**
 * The library says that a connection has ended when the other side has answered the closing handshake. One that is dead
 * never does, and `ws` waits 30 s for it: so much longer nobody would connect again.
 */
function boundClosing(socket: Socket): void {
  const close = socket.ws.close.bind(socket.ws)
  socket.ws.close = async () => {
    const drop = setTimeout(() => webSocketOf(socket)?.terminate(), CLOSE_TIMEOUT_MS)
    await close().finally(() => clearTimeout(drop))
  }
}

function webSocketOf(socket: Socket): { terminate(): void } | undefined {
  const inner: unknown = Reflect.get(socket.ws, 'socket')
  return typeof inner === 'object' && inner !== null && 'terminate' in inner
    ? (inner as { terminate(): void })
    : undefined
}
