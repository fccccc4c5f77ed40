import {
  type AuthenticationState,
  type ConnectionState,
  initAuthCreds,
  makeWASocket,
  type SignalDataTypeMap,
  type SignalKeyStore,
  WA_CERT_DETAILS,
  type WASocket,
} from 'baileys'
import pino from 'pino'

/** The library's key store in memory, as its interface asks for. */
function memoryKeys(): SignalKeyStore {
  const store = new Map<string, unknown>()
  return {
    get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
      const found: Record<string, SignalDataTypeMap[T]> = {}
      for (const id of ids) {
        const value = store.get(`${type} ${id}`)
        if (value !== undefined && value !== null) found[id] = value as SignalDataTypeMap[T]
      }
      return found
    },
    set: async (data) => {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries ?? {})) store.set(`${type} ${id}`, value)
      }
    },
  }
}

export function memoryAuth(): AuthenticationState {
  return { creds: initAuthCreds(), keys: memoryKeys() }
}

interface SimulatorAddress {
  readonly waWebSocketUrl: string
  readonly noiseRoot: { readonly publicKey: Uint8Array; readonly serial: number }
}

/** The real client library, told of the simulator's address and Noise root and otherwise as it comes. */
export function connectLibrary(simulator: SimulatorAddress, auth: AuthenticationState): WASocket {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(simulator.noiseRoot.publicKey)
  WA_CERT_DETAILS.SERIAL = simulator.noiseRoot.serial
  const socket = makeWASocket({
    waWebSocketUrl: simulator.waWebSocketUrl,
    auth,
    logger: pino({ level: process.env.SIM_LOG ?? 'silent' }),
    connectTimeoutMs: 5000,
    defaultQueryTimeoutMs: 5000,
  })
  socket.ev.on('creds.update', (update) => void Object.assign(auth.creds, update))
  return socket
}

type Update = Partial<ConnectionState>

/** Resolves with the first connection update that `wanted` accepts. */
export function untilUpdate(socket: WASocket, wanted: (update: Update) => boolean): Promise<Update> {
  return new Promise((resolve) => {
    socket.ev.on('connection.update', (update) => {
      if (wanted(update)) resolve(update)
    })
  })
}

/** The status code with which the connection ends. */
export async function untilClosed(socket: WASocket): Promise<number | undefined> {
  const { lastDisconnect } = await untilUpdate(socket, ({ connection }) => connection === 'close')
  const error = lastDisconnect?.error as { output?: { statusCode?: number } } | undefined
  return error?.output?.statusCode
}

export async function untilOpen(socket: WASocket): Promise<void> {
  await untilUpdate(socket, ({ connection }) => connection === 'open')
}

interface Pairable extends SimulatorAddress {
  scan(qrText: string): void
}

/** Pairs by QR code and logs in with the new identity. */
export async function pairedLibrary(simulator: Pairable, auth: AuthenticationState): Promise<WASocket> {
  const first = connectLibrary(simulator, auth)
  const { qr } = await untilUpdate(first, (update) => update.qr !== undefined)
  const closed = untilClosed(first)
  simulator.scan(qr ?? '')
  await closed
  const second = connectLibrary(simulator, auth)
  await untilOpen(second)
  return second
}
