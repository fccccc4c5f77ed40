import { join } from 'node:path'
import { ConfigError, TandemError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { DialLedger } from '../bridge/dialler/dial-ledger.ts'
import type { Config } from '../config/schema.ts'
import { CdrFile } from '../ops/cdr.ts'
import { AccountStore } from '../whatsapp/account/store.ts'
import { endAll } from './ending.ts'

/** Where an account's pairing and Signal state are kept. */
export function accountFile({ dataDirectory }: Config, name: string): string {
  return join(dataDirectory, `account-${name}.sqlite`)
}

/** The file of one account, open for this process alone. Throws `ConfigError`. */
export function openStore(config: Config, name: string): AccountStore {
  return inDataDirectory(config, () => new AccountStore(accountFile(config, name)))
}

/** What a gateway holds on disk. All files are open when it is made; when one cannot be, none stays open. */
export class GatewayFiles {
  readonly stores: ReadonlyMap<string, AccountStore>
  readonly ledger: DialLedger
  readonly cdr: CdrFile | undefined
  readonly #open: { close(): void }[] = []
  readonly #log: Logger

  /** Throws `ConfigError`. */
  constructor(config: Config, log: Logger) {
    this.#log = log
    try {
      this.stores = new Map(config.whatsapp.accounts.map(({ name }) => [name, this.#keep(openStore(config, name))]))
      const ledger = () => new DialLedger(join(config.dataDirectory, 'dialler.sqlite'))
      this.ledger = this.#keep(inDataDirectory(config, ledger))
      const { file } = config.cdr
      this.cdr = file === null ? undefined : this.#keep(openCdr(file, log))
    } catch (error) {
      this.abandon()
      throw error
    }
  }

  /** Closes all of them because of a fault, which is what has to be told, and not what closing them meets. */
  abandon(): void {
    for (const file of this.#open) {
      try {
        file.close()
      } catch (error) {
        this.#log.warn({ error }, 'a file does not close')
      }
    }
  }

  /** Closes all of them, also when one of them fails to. */
  close(): Promise<void> {
    return endAll(this.#open.map((file) => () => file.close()))
  }

  #keep<T extends { close(): void }>(file: T): T {
    this.#open.push(file)
    return file
  }
}

function inDataDirectory<T>({ dataDirectory }: Config, open: () => T): T {
  return usable('dataDirectory', dataDirectory, 'a directory that Tandem may write to', open)
}

function openCdr(path: string, log: Logger): CdrFile {
  return usable(
    'cdr.file',
    path,
    'a file that Tandem may append to, in a directory that exists',
    () => new CdrFile(path, log),
  )
}

/** Says of what the system refuses which key it comes from. */
function usable<T>(key: string, value: string, allowed: string, open: () => T): T {
  try {
    return open()
  } catch (cause) {
    if (cause instanceof TandemError) throw cause
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new ConfigError('config.unusable', `${key}: "${value}": ${reason}: must be ${allowed}`, {}, { cause })
  }
}
