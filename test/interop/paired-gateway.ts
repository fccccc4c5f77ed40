import type { Logger } from '../../src/base/logger.ts'
import { configFrom } from '../../src/config/load.ts'
import type { WhatsAppPlace } from '../../src/gateway/open-account.ts'
import { Gateway } from '../../src/gateway.ts'

export interface GatewayPlan {
  readonly config: Parameters<typeof configFrom>[0]
  readonly place: WhatsAppPlace
}

/** A gateway on its way to where calls can be made: whoever owns its accounts may have to scan a code for each. */
export class PairedGateway {
  readonly gateway: Gateway
  readonly #codes: readonly Promise<string | undefined>[]
  readonly #open: Promise<unknown>

  constructor({ config, place }: GatewayPlan, log: Logger) {
    const settings = configFrom(config)
    this.gateway = new Gateway(settings, { log, product: 'Tandem', place, pairing: { method: 'qr' } })
    const clients = settings.whatsapp.accounts.map(({ name }) => this.gateway.account(name)!.client)
    const open = clients.map(
      (client) =>
        new Promise<undefined>((resolve) => {
          client.events.on((event) => event.type === 'state' && event.state === 'open' && resolve(undefined))
        }),
    )
    this.#codes = clients.map((client, i) => {
      const code = new Promise<string>((resolve) => {
        client.events.on((event) => event.type === 'qr' && resolve(event.text))
      })
      return Promise.race([code, open[i]])
    })
    this.#open = Promise.all(open)
  }

  /** Resolves with the text of each account's pairing code; undefined for one that is paired already. */
  async start(): Promise<readonly (string | undefined)[]> {
    await this.gateway.start()
    return Promise.all(this.#codes)
  }

  /** Resolves with the SIP port when all accounts are open and calls can be made. */
  async ready(): Promise<number> {
    await this.#open
    return this.gateway.sipListening[0]?.port ?? 0
  }
}
