import { S_WHATSAPP_NET } from 'baileys'
import type { Clock } from '../../base/clock.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { Device, Directory } from './directory.ts'
import type { Journal } from './journal.ts'
import { childOf, childrenOf, element } from './node.ts'
import { bundlesFor, digestOf, mergeUpload, readSignedKey, readUpload } from './pre-keys.ts'
import { answerUsync } from './usync.ts'

type Answer = WaNode[] | { readonly error: number }

/** Answers the `<iq>` requests of a logged-in client: enough for its start, keys and user look-ups, all of it legal. */
export class RequestDesk {
  readonly #directory: Directory
  readonly #journal: Journal
  readonly #clock: Clock

  constructor(directory: Directory, journal: Journal, clock: Clock) {
    this.#directory = directory
    this.#journal = journal
    this.#clock = clock
  }

  answer(device: Device, iq: WaNode): WaNode {
    const answer = this.#answer(device, iq)
    const head = { from: iq.attrs.to ?? S_WHATSAPP_NET, id: iq.attrs.id }
    if (Array.isArray(answer)) return element('iq', { ...head, type: 'result' }, answer.length > 0 ? answer : undefined)
    return element('iq', { ...head, type: 'error' }, [element('error', { code: String(answer.error) })])
  }

  #answer(device: Device, iq: WaNode): Answer {
    switch (iq.attrs.xmlns) {
      case 'encrypt':
        return iq.attrs.type === 'set' ? this.#storeKeys(device, iq) : this.#giveKeys(device, iq)
      case 'usync':
        return [answerUsync(this.#directory, iq, Math.floor(this.#clock.wallMs() / 1000))]
      case 'abt':
        return [element('props', { protocol: '1', version: '1', hash: 'sim', refresh: '86400' }, [])]
      case 'blocklist':
        return [element('list', {}, [])]
      case 'privacy':
        return [iq.attrs.type === 'get' ? element('privacy', {}, []) : element('tokens', {}, [])]
      case 'w:sync:app:state':
        return [element('sync', {}, childrenOf(childOf(iq, 'sync')).map(emptyCollection))]
      case 'passive':
      case 'w:p':
      case 'w:stats':
      case 'urn:xmpp:whatsapp:dirty':
        return []
      default:
        this.#journal.events.emit({ type: 'unanswered', device: device.jid, node: iq })
        return { error: 501 }
    }
  }

  #storeKeys(device: Device, iq: WaNode): Answer {
    const rotation = childOf(iq, 'rotate')
    if (rotation) {
      const key = readSignedKey(childOf(rotation, 'skey'))
      if (!key || !device.keys) return { error: 406 }
      device.keys.signedPreKey = key
      return []
    }
    const upload = readUpload(iq)
    if (!upload) {
      this.#journal.violation(
        'keys.upload',
        device.jid,
        'pre-key upload is incomplete or has a key of a wrong size',
        iq,
      )
      return { error: 406 }
    }
    mergeUpload(device, upload)
    return []
  }

  #giveKeys(device: Device, iq: WaNode): Answer {
    if (childOf(iq, 'count')) return [element('count', { value: String(device.keys?.oneTimeKeys.length ?? 0) })]
    if (childOf(iq, 'digest')) return device.keys ? [digestOf(device.keys)] : { error: 404 }
    return [bundlesFor(this.#directory, iq)]
  }
}

/** No patches and no snapshot: the client's state is as new as ours. */
function emptyCollection(collection: WaNode): WaNode {
  return element('collection', { name: collection.attrs.name, version: collection.attrs.version, type: 'result' }, [])
}
