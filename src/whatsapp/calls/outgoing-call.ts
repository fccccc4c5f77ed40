import { equalConstantTime } from '../../base/bytes.ts'
import { ParseError, TandemError } from '../../base/errors.ts'
import { buildCall } from '../stanza/call.ts'
import { type OfferAck, parseOfferAck } from '../stanza/call-ack.ts'
import type { VoipSettings } from '../stanza/voip-settings.ts'
import type { WaNode } from '../wa-client.ts'
import { Call, type CallParties } from './call.ts'
import type { CallEnd, CallEnded } from './call-event.ts'
import type { CallEnvironment } from './environment.ts'
import type { CallAction, CallInput } from './machine.ts'
import { newOutgoing } from './outgoing-state.ts'
import { outgoingTable } from './outgoing-table.ts'
import { machineOf } from './table.ts'

/** What an error of the client library means for a call that is being prepared. */
const PREPARE_CAUSES: Readonly<Record<string, CallEnd>> = {
  'whatsapp.offline': 'offline',
  'whatsapp.no-session': 'unreachable',
}

/** A call that we made. `relays` come with the server's ack, before `ringing` and `answered` as a rule. */
export class OutgoingCall extends Call {
  readonly direction = 'outgoing'
  #voipSettings: VoipSettings | undefined

  constructor(
    parties: CallParties,
    callKey: Uint8Array,
    environment: CallEnvironment,
    onEnded: (ended: CallEnded) => void,
  ) {
    const initial = newOutgoing(parties.identity, parties.peer, environment.settings)
    super(machineOf(outgoingTable, initial), parties, environment, onEnded)
    this.useKey(callKey)
  }

  /** What the server's ack says about media; undefined before it. */
  get voipSettings(): VoipSettings | undefined {
    return this.#voipSettings
  }

  protected override performOwn(action: CallAction): void {
    if (action.do === 'prepare') void this.#prepare()
    else if (action.do === 'offer') void this.#offer(action.offer)
    else if (action.do === 'use-key') this.#changeKey(action.callKey)
  }

  async #prepare(): Promise<void> {
    this.feed(
      await this.#keysForDevices().catch((error: unknown): CallInput => {
        this.environment.logger.warn({ callId: this.callId, error }, 'the call could not be prepared')
        const code = error instanceof TandemError ? error.code : ''
        return { type: 'prepare-failed', cause: PREPARE_CAUSES[code] ?? 'setup-failed' }
      }),
    )
  }

  async #keysForDevices(): Promise<CallInput> {
    const { client } = this.environment
    const devices = await client.devices(this.peer)
    if (devices.length === 0) return { type: 'prepare-failed', cause: 'unreachable' }
    const [keys, privacyToken] = await Promise.all([
      client.encryptCallKey(devices, this.callKey),
      client.privacyToken(this.peer),
    ])
    if (keys.keys.length === 0) return { type: 'prepare-failed', cause: 'unreachable' }
    return { type: 'prepared', keys, privacyToken }
  }

  async #offer(offer: WaNode): Promise<void> {
    const { client, settings } = this.environment
    const stanza = buildCall(this.peer, this.environment.newStanzaId(), offer)
    const result = await client.callQuery(stanza, settings.ackTimeoutMs)
    if (result.kind === 'error') this.feed({ type: 'refused', code: result.code })
    else if (result.kind === 'offline') this.feed({ type: 'query-offline' })
    else if (result.kind === 'ack') this.#takeAck(result.ack)
    // A query that timed out has its own timer here: `setup`.
  }

  #takeAck(node: WaNode): void {
    const ack = this.#readAck(node)
    if (!ack) return
    if (ack.errorCode === undefined) {
      this.feed({ type: 'acked', devices: ack.devices })
      this.#voipSettings = ack.voipSettings
      if (ack.relays) this.feed({ type: 'relays', relays: ack.relays })
    } else {
      this.feed({ type: 'refused', code: ack.errorCode })
    }
  }

  #readAck(node: WaNode): OfferAck | undefined {
    try {
      return parseOfferAck(node)
    } catch (error) {
      const level = error instanceof ParseError ? 'warn' : 'error'
      this.environment.logger[level]({ callId: this.callId, error }, 'the ack of the offer is out of form')
      return undefined
    }
  }

  #changeKey(callKey: Uint8Array): void {
    if (equalConstantTime(callKey, this.callKey)) return
    this.useKey(callKey)
    this.emit({ type: 'keyChanged', callKey })
  }
}
