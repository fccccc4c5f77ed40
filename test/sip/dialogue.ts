import type { IncomingSession, SessionEvent, SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { ANSWER, BOB, OFFER, Pair, record } from './pair.ts'
import { head, RawPeer, type RequestOptions, SDP } from './raw-peer.ts'

/** Bob, and a peer at 10.0.0.9 that is his trunk `peer` and says what a test writes. */
export class Dialogue {
  readonly pair: Pair
  peer!: RawPeer
  readonly #incoming: IncomingSession[] = []

  private constructor(bob: Partial<SipUserAgentOptions>) {
    const staticTrunks = [{ name: 'peer', networks: ['10.0.0.0/24'], target: '10.0.0.9' }]
    this.pair = new Pair({ bob: { staticTrunks, ...bob } })
  }

  static async start(bob: Partial<SipUserAgentOptions> = {}): Promise<Dialogue> {
    const dialogue = new Dialogue(bob)
    await dialogue.pair.start()
    dialogue.peer = await new RawPeer({ address: '10.0.0.9', port: 5060 }, BOB).open(dialogue.pair.network)
    dialogue.pair.bob.onInvite((session) => void dialogue.#incoming.push(session))
    return dialogue
  }

  /** Sends a request and returns the status of every answer that comes within a millisecond. */
  async exchange(method: string, options: RequestOptions = {}, body = ''): Promise<number[]> {
    const before = this.peer.received.length
    const extra = body === '' || options.extra?.some((line) => line.startsWith('Content-Type')) ? [] : SDP
    this.peer.send(head(method, { ...options, extra: [...(options.extra ?? []), ...extra] }), body)
    await this.advance(1)
    return this.peer.received.slice(before).flatMap((message) => (message.kind === 'response' ? [message.status] : []))
  }

  advance(ms: number): Promise<void> {
    return this.pair.clock.advance(ms)
  }

  /** The peer's INVITE has come to Bob's handler. */
  async invite(
    options: RequestOptions = {},
    offer = OFFER,
  ): Promise<{ session: IncomingSession; events: SessionEvent[] }> {
    await this.exchange('INVITE', options, offer)
    const session = this.#incoming.at(-1)!
    return { session, events: record(session) }
  }

  /** The peer called, Bob answered, the ACK has come. */
  async talking(extra: readonly string[] = []) {
    const call = await this.invite({ extra })
    call.session.accept(ANSWER)
    await this.advance(1)
    const toTag = this.lastAnswer.to.params.get('tag')!
    const ok = this.lastAnswer
    await this.exchange('ACK', { toTag })
    return { ...call, toTag, ok }
  }

  /** Bob called the peer, which answered with those headers. */
  async dialled(headers: readonly string[] = []) {
    const session = this.pair.bob.invite(
      { kind: 'trunk', trunk: 'peer', user: '300' },
      { caller: { user: '1' }, offer: () => OFFER },
    )
    const events = record(session)
    await this.advance(1)
    const invite = this.peer.requests('INVITE').at(-1)!
    const answerInvite = async (status: number, more: readonly string[] = [], body = '', tag = 'peer') => {
      const type = body === '' ? [] : SDP
      this.peer.answer(invite, status, ['Contact: <sip:peer@10.0.0.9>', ...headers, ...more, ...type], body, tag)
      await this.advance(1)
    }
    /** For requests of the peer within the dialog. */
    const tags = { fromTag: 'peer', toTag: invite.from.params.get('tag')!, callId: session.callId }
    return { session, events, invite, answerInvite, tags }
  }

  get lastAnswer() {
    return this.peer.responses().at(-1)!
  }
}
