import { ParseError } from '../../base/errors.ts'
import { Dialog } from '../dialog/dialog.ts'
import { type OutgoingRequest, type SipResponse, sdpOf, tagOf } from '../message/message.ts'
import { has100rel } from './reliable-provisional.ts'

/** Forks of one INVITE that are remembered; more than a PBX's largest ring group answers in practice. */
const MAX_FORKS = 32

export interface EarlyFork {
  readonly dialog: Dialog
  /** The latest description of early media: the answer, if the 2xx has none. */
  sdp: string | undefined
  /** RSeq of the last reliable answer (RFC 3262 §4). */
  sequence: number | undefined
  /** A reliable answer had SDP, so that the fork may offer anew (RFC 3311 §5.2). */
  isAnswered: boolean
  /** What an offer of the fork's and our answer came to. */
  agreed: { readonly local: string; readonly remote: string } | undefined
}

/** What a provisional answer asks for: nothing, a PRACK with that RAck, or to be passed over. */
export type Receipt = 'unreliable' | 'ignored' | { readonly dialog: Dialog; readonly rack: string }

/** The early dialogs of an INVITE of ours, by remote tag (RFC 3261 §12.1, §13.2.2.1; RFC 3262 §4). */
export class EarlyForks {
  readonly #forks = new Map<string, EarlyFork>()

  get(remoteTag: string): EarlyFork | undefined {
    return this.#forks.get(remoteTag)
  }

  clear(): void {
    this.#forks.clear()
  }

  note(invite: OutgoingRequest, response: SipResponse): Receipt {
    const fork = this.#forkOf(invite, response)
    if (!fork) return 'unreliable'
    const sequence = reliableSequence(response)
    if (sequence !== undefined) {
      // §4: repeated ones were answered before, those that overtook another one come again.
      if (fork.sequence !== undefined && sequence !== fork.sequence + 1) return 'ignored'
      fork.sequence = sequence
    }
    fork.sdp = sdpOf(response) ?? fork.sdp
    if (sequence === undefined) return 'unreliable'
    fork.isAnswered ||= sdpOf(response) !== undefined
    return { dialog: fork.dialog, rack: `${sequence} ${response.cseq.number} INVITE` }
  }

  #forkOf(invite: OutgoingRequest, response: SipResponse): EarlyFork | undefined {
    const remoteTag = tagOf(response.to)
    const known = this.#forks.get(remoteTag)
    if (known || remoteTag === '' || this.#forks.size >= MAX_FORKS) return known
    const dialog = readDialog(invite, response)
    if (!dialog) return undefined
    const fork = { dialog, sdp: undefined, sequence: undefined, isAnswered: false, agreed: undefined }
    this.#forks.set(remoteTag, fork)
    return fork
  }
}

/** Undefined when the answer's Contact or routes cannot be read. */
export function readDialog(invite: OutgoingRequest, response: SipResponse): Dialog | undefined {
  try {
    return Dialog.ofCaller(invite, response)
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

/** RFC 3262 §7.1; undefined for an answer that asks for no PRACK. */
function reliableSequence({ headers }: SipResponse): number | undefined {
  const text = headers.get('RSeq') ?? ''
  return has100rel(headers, 'Require') && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined
}
