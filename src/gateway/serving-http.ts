import { ProtocolError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { Config } from '../config/schema.ts'
import type { OpsHttp } from '../ops/http.ts'

/** Serves health and metrics, if the configuration wants it. Throws `ProtocolError` `net.bind`, which names the keys. */
export async function serveHttp(server: OpsHttp, { http }: Config, log: Logger): Promise<void> {
  if (!http.enabled) return
  const { address } = http
  try {
    const port = await server.listen(http.port, address)
    log.info({ address, port }, 'health and metrics')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    const allowed = 'http.port must be free, and http.address one of this machine'
    const message = `http: cannot listen at ${address}:${http.port} (${reason}): ${allowed}`
    throw new ProtocolError('net.bind', message, {}, { cause })
  }
}
