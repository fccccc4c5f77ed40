import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ByteLink } from './web-client.ts'

export interface LinkReceiver {
  receive(bytes: Uint8Array): void
  closed(): void
}

export interface WebSocketListener {
  readonly url: string
  close(): Promise<void>
}

/** Accepts WebSocket connections on a port the system chooses. */
export async function listenForClients(
  address: string,
  accept: (link: ByteLink) => LinkReceiver,
): Promise<WebSocketListener> {
  const server = new WebSocketServer({ host: address, port: 0, maxPayload: 1 << 20 })
  server.on('connection', (socket) => connect(socket, accept))
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
  const { port } = server.address() as AddressInfo
  return { url: `ws://${address}:${port}/ws/chat`, close: () => closeServer(server) }
}

function connect(socket: WebSocket, accept: (link: ByteLink) => LinkReceiver): void {
  const receiver = accept({ send: (bytes) => socket.send(bytes), close: () => socket.close() })
  socket.on('message', (data) => receiver.receive(data as Buffer))
  socket.on('close', () => receiver.closed())
  socket.on('error', () => socket.terminate())
}

async function closeServer(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.terminate()
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
