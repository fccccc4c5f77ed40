import { type RelayPass, ufragsOf } from './relay-party.ts'

/** Who is let in at one relay: by the token of a registration, or by the user fragment of an ICE check. */
export class RelayPasses {
  readonly #ofCall = new Map<string, Set<RelayPass>>()
  readonly #byToken = new Map<string, RelayPass>()
  readonly #byUfrag = new Map<string, RelayPass>()

  add(pass: RelayPass): void {
    const ofCall = this.#ofCall.get(pass.callId) ?? new Set()
    this.#ofCall.set(pass.callId, ofCall.add(pass))
    this.#byToken.set(hex(pass.token), pass)
    for (const ufrag of ufragsOf(pass)) this.#byUfrag.set(ufrag, pass)
  }

  endCall(callId: string): void {
    for (const pass of this.#ofCall.get(callId) ?? []) {
      this.#byToken.delete(hex(pass.token))
      for (const ufrag of ufragsOf(pass)) this.#byUfrag.delete(ufrag)
    }
    this.#ofCall.delete(callId)
  }

  ofToken(token: Uint8Array): RelayPass | undefined {
    return this.#byToken.get(hex(token))
  }

  ofUfrag(ufrag: string): RelayPass | undefined {
    return this.#byUfrag.get(ufrag)
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
