import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'

/** Below the range from which the system takes ports by its own choice. */
const [LOWEST, HIGHEST] = [12_000, 31_000]

/** First (even) of `size` UDP ports on loopback, none of which is in use: for programs that must be told their ports. */
export async function portBlock(size: number): Promise<number> {
  for (;;) {
    const first = LOWEST + 2 * randomInt((HIGHEST - LOWEST - size) / 2)
    const free = await Promise.all(Array.from({ length: size }, (_, i) => isFree(first + i)))
    if (free.every(Boolean)) return first
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false))
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
  })
}
