import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { BridgeStatus } from '../bridge/status.ts'
import type { Metrics } from './metrics.ts'

/**
 * `/healthz` answers 200 while the process runs; `/readyz` answers 503 while it starts, drains, or no account can make calls;
 * `/metrics` is for Prometheus. No authentication: bind it to loopback or a management network.
 */
export class OpsHttp {
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  readonly #status: () => BridgeStatus
  readonly #metrics: Metrics

  constructor(status: () => BridgeStatus, metrics: Metrics) {
    this.#status = status
    this.#metrics = metrics
    this.#server.headersTimeout = 5_000
    this.#server.requestTimeout = 10_000
  }

  /** Resolves with the port in use; port 0 lets the system choose. */
  listen(port: number, address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      // Stays: a server that cannot accept for want of descriptors says so too, and unheard that would end the process.
      this.#server.on('error', reject)
      this.#server.listen(port, address, () => {
        const bound = this.#server.address()
        resolve(typeof bound === 'object' && bound ? bound.port : port)
      })
    })
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0]
    if (request.method !== 'GET') return reply(response, 405, 'text/plain', 'only GET is served\n')
    if (path === '/metrics') {
      return reply(response, 200, this.#metrics.contentType, await this.#metrics.text())
    }
    if (path !== '/healthz' && path !== '/readyz') {
      return reply(response, 404, 'text/plain', 'try /healthz, /readyz or /metrics\n')
    }
    const status = this.#status()
    const ready = status.state === 'running' && status.accounts.some(({ isReady }) => isReady)
    reply(response, ready || path === '/healthz' ? 200 : 503, 'application/json', `${JSON.stringify(status)}\n`)
  }
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(body)
}
