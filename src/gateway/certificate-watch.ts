import { readFile } from 'node:fs/promises'
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Config } from '../config/schema.ts'
import type { SipTlsOptions } from '../sip/sip-engine.ts'
import { TLS_FILES, type TlsFile, withTexts } from './sip-settings.ts'

/** Certificates are renewed weeks before they expire. */
const LOOK_EVERY_MS = 60_000

export interface CertificateWatchOptions {
  readonly tls: Config['sip']['tls']
  /** What the engine has been made with. */
  readonly inUse: SipTlsOptions | undefined
  readonly clock: Clock
  readonly log: Logger
  /** Throws for what cannot be used. */
  readonly renew: (tls: SipTlsOptions) => void
}

/**
 * Looks every minute whether certificate, key or authority have changed on the disk, and has them used. What is read between
 * two writes does not fit together and is refused; the next look finds it whole.
 */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions
  readonly #paths: readonly (readonly [TlsFile, string])[]
  #timer: Timer | undefined
  /** What was used or refused last. */
  #last: string
  #isStopped = false

  constructor(options: CertificateWatchOptions) {
    this.#options = options
    this.#paths = TLS_FILES.flatMap((name) => {
      const path = options.tls[name]
      return path === null ? [] : [[name, path] as const]
    })
    this.#last = joined(this.#paths.map(([name]) => options.inUse?.[name]))
  }

  /** Looks for the first time: files may have changed, or been away, since the engine was made. */
  async start(): Promise<void> {
    if (this.#paths.length > 0) await this.#look()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  async #look(): Promise<void> {
    const texts = await this.#read()
    if (this.#isStopped) return
    if (texts) this.#compare(texts)
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => void this.#look())
  }

  /** Undefined when a file is not there, which a renewal may cause for a moment. */
  async #read(): Promise<ReadonlyMap<TlsFile, string> | undefined> {
    try {
      const read = async ([name, path]: readonly [TlsFile, string]) => [name, await readFile(path, 'utf8')] as const
      return new Map(await Promise.all(this.#paths.map(read)))
    } catch (error) {
      this.#options.log.warn(
        { code: (error as NodeJS.ErrnoException).code },
        'a TLS file cannot be read: the old one stays',
      )
      return undefined
    }
  }

  #compare(texts: ReadonlyMap<TlsFile, string>): void {
    const { log, renew, tls } = this.#options
    const found = joined([...texts.values()])
    if (found === this.#last) return
    this.#last = found
    try {
      renew(withTexts(tls, (name) => texts.get(name)))
      log.info({}, 'TLS certificates renewed')
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'new TLS certificates refused: the old ones stay')
    }
  }
}

const joined = (texts: readonly (string | undefined)[]) => texts.join('\n')
