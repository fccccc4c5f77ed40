import { decodeBinaryNode, encodeBinaryNode, jidEncode, proto } from 'baileys'
import { ProtocolError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import { FrameReader, frameOf } from './frame-reader.ts'
import { asBinaryNode, element } from './node.ts'
import type { NoiseIdentity } from './noise-certificates.ts'
import { NoiseResponder } from './noise-responder.ts'
import type { Unpaired } from './unpaired.ts'

/** One connection's bytes, whatever carries them. */
export interface ByteLink {
  send(bytes: Uint8Array): void
  close(): void
}

/** What a connection does once its client has said who it is. */
export interface ClientHost {
  register(client: Unpaired): StanzaHandler
  login(client: WebClient, numberJid: string, noiseKey: Uint8Array): StanzaHandler | LoginRefusal
}

/** What `<failure>` says to a client. */
export interface LoginRefusal {
  readonly statusCode: number
  /** How long the ban lasts. */
  readonly expireS?: number
}

export interface StanzaHandler {
  receive(node: WaNode): void
  closed(): void
}

/** A client's connection: handshake, then stanzas in both directions in order. */
export class WebClient {
  readonly #link: ByteLink
  readonly #host: ClientHost
  readonly #logger: Logger
  readonly #frames = new FrameReader()
  readonly #noise: NoiseResponder
  #phase: 'hello' | 'finish' | 'stanzas' | 'closed' = 'hello'
  #handler: StanzaHandler | undefined
  #isDeaf = false
  /** Stanzas are unpacked one after the other: inflating is asynchronous and must not reorder them. */
  #unpacking: Promise<void> = Promise.resolve()

  constructor(link: ByteLink, identity: NoiseIdentity, host: ClientHost, logger: Logger) {
    this.#link = link
    this.#host = host
    this.#logger = logger
    this.#noise = new NoiseResponder(identity, FrameReader.intro)
  }

  receive(bytes: Uint8Array): void {
    if (this.#isDeaf) return
    try {
      for (const frame of this.#frames.push(bytes)) this.#frame(frame)
    } catch (error) {
      this.#fail(error)
    }
  }

  send(node: WaNode): void {
    if (this.#phase !== 'stanzas') return
    this.#link.send(frameOf(this.#noise.seal(encodeBinaryNode(asBinaryNode(node)))))
  }

  /** Whatever comes from now on is lost. */
  swallow(): void {
    this.#isDeaf = true
  }

  /** `<stream:error>` with its reason, then the end of the connection. */
  endStream(code: number | undefined, reason?: WaNode): void {
    this.send(element('stream:error', { code: code === undefined ? undefined : String(code) }, reason ? [reason] : []))
    this.close()
  }

  close(): void {
    this.#link.close()
    this.closed()
  }

  /** The link is gone. */
  closed(): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.#handler?.closed()
  }

  #frame(frame: Uint8Array): void {
    switch (this.#phase) {
      case 'hello':
        this.#link.send(frameOf(this.#noise.hello(frame)))
        this.#phase = 'finish'
        return
      case 'finish':
        this.#finish(frame)
        return
      case 'stanzas':
        this.#unpack(this.#noise.open(frame))
        return
      case 'closed':
        return
    }
  }

  #finish(frame: Uint8Array): void {
    const { clientStatic, payload } = this.#noise.finish(frame)
    this.#phase = 'stanzas'
    const client = proto.ClientPayload.decode(payload)
    if (client.devicePairingData) {
      this.#handler = this.#host.register({
        noiseKey: clientStatic,
        registration: client.devicePairingData,
        send: (node) => this.send(node),
        restart: () => this.endStream(515),
      })
      return
    }
    const jid = jidEncode(String(client.username ?? ''), 's.whatsapp.net', client.device ?? 0)
    const welcome = this.#host.login(this, jid, clientStatic)
    if ('statusCode' in welcome) this.#refuse(welcome)
    else this.#handler = welcome
  }

  #refuse({ statusCode, expireS }: LoginRefusal): void {
    const ban = expireS === undefined ? {} : { code: '101', expire: String(expireS) }
    this.send(element('failure', { reason: String(statusCode), location: 'sim', ...ban }))
    this.close()
  }

  #unpack(plain: Uint8Array): void {
    this.#unpacking = this.#unpacking.then(async () => {
      try {
        const node = await decodeBinaryNode(Buffer.from(plain))
        if (this.#phase === 'stanzas') this.#handler?.receive(node)
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  #fail(error: unknown): void {
    const code = error instanceof ProtocolError ? error.code : 'sim.stanza'
    this.#logger.warn({ code, error: String(error) }, 'client connection ended by its own bytes')
    this.close()
  }
}
