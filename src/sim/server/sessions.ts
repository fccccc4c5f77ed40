import { S_WHATSAPP_NET } from 'baileys'
import type { Clock } from '../../base/clock.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { Device, User } from './directory.ts'
import type { Journal } from './journal.ts'
import { childOf, element } from './node.ts'
import type { PairingDesk } from './pairing.ts'
import type { PostOffice } from './post-office.ts'
import type { RequestDesk } from './requests.ts'
import type { Unpaired } from './unpaired.ts'
import type { StanzaHandler } from './web-client.ts'

/** What becomes of the stanzas that concern calls. */
export interface CallDesk {
  call(user: User, device: Device, stanza: WaNode): void
  receipt(user: User, device: Device, stanza: WaNode): void
}

export interface SessionDesks {
  readonly post: PostOffice
  readonly requests: RequestDesk
  readonly calls: CallDesk
  readonly journal: Journal
  readonly clock: Clock
  /** The client gave up its pairing. */
  unlink(user: User, device: Device): void
}

/** A connection that is not yet a device of anyone: all it can do is pair. */
export class UnpairedSession implements StanzaHandler {
  readonly #client: Unpaired
  readonly #pairing: PairingDesk
  readonly #journal: Journal

  constructor(client: Unpaired, pairing: PairingDesk, journal: Journal) {
    this.#client = client
    this.#pairing = pairing
    this.#journal = journal
  }

  receive(node: WaNode): void {
    this.#journal.events.emit({ type: 'stanza', direction: 'in', device: 'unpaired', node })
    if (node.tag === 'iq' && node.attrs.type === 'result') this.#pairing.confirm(this.#client, node)
    else if (node.tag === 'iq') this.#pairing.request(this.#client, node)
  }

  closed(): void {
    this.#pairing.forget(this.#client)
  }
}

/** A device that is logged in. */
export class DeviceSession implements StanzaHandler {
  readonly #user: User
  readonly #device: Device
  readonly #desks: SessionDesks
  readonly #gone: () => void
  #isDeaf = false

  constructor(user: User, device: Device, desks: SessionDesks, gone: () => void) {
    this.#user = user
    this.#device = device
    this.#desks = desks
    this.#gone = gone
  }

  /** The login is accepted; deliveries wait until the client says that it is active. */
  greet(): void {
    const t = String(Math.floor(this.#desks.clock.wallMs() / 1000))
    this.#answer(element('success', { t, lid: this.#device.jid, display_name: this.#user.name, location: 'sim' }))
  }

  closed(): void {
    this.#gone()
  }

  /** Whatever comes from now on is lost. */
  swallow(): void {
    this.#isDeaf = true
  }

  receive(node: WaNode): void {
    if (this.#isDeaf) return
    this.#desks.journal.events.emit({ type: 'stanza', direction: 'in', device: this.#device.jid, node })
    switch (node.tag) {
      case 'iq':
        this.#request(node)
        return
      case 'call':
        this.#desks.calls.call(this.#user, this.#device, node)
        return
      case 'receipt':
        this.#desks.calls.receipt(this.#user, this.#device, node)
        return
      case 'ack':
        this.#desks.post.acknowledge(this.#device.jid, node)
        return
      case 'ib':
        if (childOf(node, 'offline_batch')) this.#replay()
        return
    }
  }

  #request(iq: WaNode): void {
    if (!iq.attrs.id) {
      this.#desks.journal.violation('stanza.no-id', this.#device.jid, 'a request without id', iq)
      return
    }
    if (childOf(iq, 'remove-companion-device')) {
      this.#desks.unlink(this.#user, this.#device)
      return
    }
    this.#answer(this.#desks.requests.answer(this.#device, iq))
    if (iq.attrs.xmlns === 'passive' && childOf(iq, 'active')) this.#activate()
  }

  /** What waits is announced and sent when asked for; with nothing waiting the replay is over at once. */
  #activate(): void {
    const count = this.#desks.post.waiting(this.#device.jid)
    if (count === 0) this.#replay()
    else this.#answer(element('ib', { from: S_WHATSAPP_NET }, [element('offline_preview', { count: String(count) })]))
  }

  #replay(): void {
    const count = this.#desks.post.openMailbox(this.#device.jid)
    this.#answer(element('ib', { from: S_WHATSAPP_NET }, [element('offline', { count: String(count) })]))
  }

  #answer(node: WaNode): void {
    this.#desks.post.answer(this.#device.jid, node)
  }
}
