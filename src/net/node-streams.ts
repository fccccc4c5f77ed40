import { once } from 'node:events'
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net'
import {
  createSecureContext,
  createServer as createTlsServer,
  type TLSSocket,
  Server as TlsServer,
  connect as tlsConnect,
} from 'node:tls'
import { ConfigError, ProtocolError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { plainAddress } from './address-list.ts'
import type {
  ConnectOptions,
  Endpoint,
  ListenOptions,
  StreamConnection,
  StreamHandlers,
  StreamListener,
  TlsIdentity,
} from './network.ts'
import { RareWarning } from './rare-warning.ts'

const MINIMUM_TLS = 'TLSv1.2'
const HANDSHAKE_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 5000
/** Dead peers are found by the kernel: first probe after this. */
const KEEPALIVE_MS = 60_000
/** More than this unsent and the peer does not read. */
const MAX_UNSENT_BYTES = 1024 * 1024

/** Rejects with `ProtocolError` for an address, with `ConfigError` for a certificate or key that cannot be used. */
export async function listenForStreams(options: ListenOptions, logger: Logger): Promise<StreamListener> {
  const { address, port, tls } = options
  const server = tls ? secureServer(options, logger) : createServer()
  server.maxConnections = options.maxConnections
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => accept(socket, options))
  server.listen({ host: address, port })
  try {
    await once(server, 'listening')
  } catch (cause) {
    const what = `cannot open ${tls ? 'TLS' : 'TCP'} ${address}:${port}: ${String(cause)}`
    throw new ProtocolError('net.bind', what, {}, { cause })
  }
  const warning = new RareWarning(logger, 'listener error')
  server.on('error', (error) => warning.happened({ error: error.message }))
  const bound = server.address() as { address: string; port: number }
  return {
    local: { address: bound.address, port: bound.port },
    renew: (identity) => renew(server, identity),
    close: () => closeServer(server),
  }
}

function renew(server: Server, identity: TlsIdentity): void {
  if (server instanceof TlsServer) server.setSecureContext({ ...pem(identity), minVersion: MINIMUM_TLS })
}

/** No ALPN is offered or asked for: SIP has no protocol name there, and a peer that sends one is served all the same. */
function secureServer(options: ListenOptions, logger: Logger): Server {
  const { clientCertificates, ...identity } = options.tls!
  checkTls(identity)
  const server = createTlsServer({
    ...pem(identity),
    minVersion: MINIMUM_TLS,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    requestCert: clientCertificates !== 'none',
    rejectUnauthorized: clientCertificates === 'required',
  })
  const refused = new RareWarning(logger, 'TLS handshake refused')
  server.on('tlsClientError', (error, socket) => {
    refused.happened({ remote: plainAddress(socket.remoteAddress ?? ''), error: oneLine(error) })
    socket.destroy()
  })
  return server
}

/** Throws `ConfigError`. */
export function checkTls(identity: TlsIdentity): void {
  try {
    createSecureContext({ ...pem(identity), minVersion: MINIMUM_TLS })
  } catch (cause) {
    throw new ConfigError(
      'config.tls',
      `the TLS certificate, key or CA cannot be used: ${oneLine(cause as Error)}`,
      {},
      { cause },
    )
  }
}

const pem = ({ certificate, key, ca }: TlsIdentity) => ({
  ...(certificate !== undefined && { cert: certificate }),
  ...(key !== undefined && { key }),
  ...(ca !== undefined && { ca }),
})

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  // `close` comes after the last connection has ended, which is its owner's business.
  await new Promise((resolve) => setImmediate(resolve))
}

function accept(socket: Socket, options: ListenOptions): void {
  if (socket.remoteAddress === undefined) return void socket.destroy()
  const connection = new NodeStream(socket, {
    address: plainAddress(socket.remoteAddress),
    port: socket.remotePort ?? 0,
  })
  connection.attach(options.onConnection(connection))
}

/** Never throws: what goes wrong, even a key that cannot be used, comes as `onClosed`. */
export function connectStream(options: ConnectOptions, handlers: StreamHandlers): StreamConnection {
  const socket = options.tls ? secureSocket(options, options.tls) : netConnect(where(options))
  const connection = new NodeStream(socket, { ...options.to }, options.tls?.serverName)
  const opened = options.tls ? 'secureConnect' : 'connect'
  const tooLong = setTimeout(() => socket.destroy(new Error('no connection in time')), CONNECT_TIMEOUT_MS)
  socket.once(opened, () => clearTimeout(tooLong)).once('close', () => clearTimeout(tooLong))
  connection.attach(handlers)
  return connection
}

const where = ({ to, from }: ConnectOptions) => ({
  host: to.address,
  port: to.port,
  ...(from !== undefined && { localAddress: from }),
})

function secureSocket(options: ConnectOptions, tls: NonNullable<ConnectOptions['tls']>): TLSSocket {
  const isName = !/^[0-9.]+$/.test(tls.serverName) && !tls.serverName.includes(':')
  return tlsConnect({
    ...where(options),
    ...pem(tls),
    ...(isName && { servername: tls.serverName }),
    minVersion: MINIMUM_TLS,
    rejectUnauthorized: tls.verify,
  })
}

class NodeStream implements StreamConnection {
  readonly remote: Endpoint
  readonly #socket: Socket
  readonly #name: string
  #error: ProtocolError | undefined

  constructor(socket: Socket, remote: Endpoint, serverName?: string) {
    this.#socket = socket
    this.remote = remote
    this.#name = `${serverName === undefined ? 'TCP' : `TLS to ${serverName}`} at ${remote.address}:${remote.port}`
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEPALIVE_MS)
  }

  get local(): Endpoint {
    return { address: plainAddress(this.#socket.localAddress ?? ''), port: this.#socket.localPort ?? 0 }
  }

  attach(handlers: StreamHandlers): void {
    this.#socket.on('data', (chunk: Buffer) => handlers.onData(chunk))
    this.#socket.on('error', (error) => {
      this.#error ??= new ProtocolError('net.stream', `${this.#name}: ${oneLine(error)}`, {}, { cause: error })
    })
    this.#socket.once('close', () => handlers.onClosed(this.#error))
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return
    this.#socket.write(bytes)
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.#socket.destroy(new Error('the peer does not read'))
  }

  close(): void {
    if (this.#socket.destroyed) return
    if (this.#socket.connecting) this.#socket.destroy()
    else this.#socket.destroySoon()
  }
}

/** OpenSSL's messages have line breaks and file names; the code says what to look for. */
function oneLine(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  const text = error.message.split('\n', 1)[0]!.trim()
  return code === undefined || text.includes(code) ? text : `${text} (${code})`
}
