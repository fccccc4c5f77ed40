import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { RelayTransport } from '../../src/relay/relay-transport.ts'
import type { BareRelay } from './bare-relay.ts'

/** How one implementation reaches a relay. */
interface Dialling {
  /** The result is `connecting`. */
  dial(relay: BareRelay): RelayTransport
  /** Dials with a secret, or expecting a certificate, that does not fit. */
  dialWithWrongSecret(relay: BareRelay): RelayTransport
}

/** What every `RelayTransport` must do, whatever it runs on. */
export function relayTransportContract(name: string, start: () => Promise<BareRelay>, dialling: Dialling): void {
  describe(`RelayTransport: ${name}`, () => {
    let relay: BareRelay
    let transport: RelayTransport | undefined

    beforeAll(async () => {
      relay = await start()
    })
    afterEach(async () => {
      await transport?.close()
      transport = undefined
    })
    afterAll(() => relay.close())

    async function opened(): Promise<RelayTransport> {
      const dialled = dialling.dial(relay)
      transport = dialled
      await new Promise<void>((resolve, reject) => {
        dialled.events.on((event) => (event.type === 'open' ? resolve() : reject(new Error(event.reason))))
      })
      return dialled
    }

    it('connects, then carries messages both ways, each as it was', async () => {
      const open = await opened()
      expect(open.state).toBe('open')
      const heard = new Promise<Uint8Array>((resolve) => open.onMessage((message) => resolve(new Uint8Array(message))))
      for (const length of [1, 16, 300, 1200]) {
        const message = new Uint8Array(length).fill(length % 251)
        const arrived = relay.nextMessage()
        expect(open.send(message)).toBe(true)
        expect(await arrived).toEqual(message)
      }
      relay.say(Uint8Array.of(0x90, 120, 1, 2))
      expect(await heard).toEqual(Uint8Array.of(0x90, 120, 1, 2))
    })

    it('drops what is sent before it is open and after it is closed', async () => {
      const dialled = dialling.dial(relay)
      transport = dialled
      expect(dialled.state).toBe('connecting')
      expect(dialled.send(Uint8Array.of(1))).toBe(false)
      await dialled.close()
      expect(dialled.state).toBe('closed')
      expect(dialled.send(Uint8Array.of(1))).toBe(false)
    })

    it('drops messages that are empty or longer than a datagram', async () => {
      const open = await opened()
      expect(open.send(new Uint8Array(0))).toBe(false)
      expect(open.send(new Uint8Array(1501))).toBe(false)
      expect(open.state).toBe('open')
    })

    it('does not open with a wrong secret', async () => {
      const dialled = dialling.dialWithWrongSecret(relay)
      transport = dialled
      const witness = await opened()
      expect(witness.state).toBe('open')
      expect(dialled.state).not.toBe('open')
      await dialled.close()
    })

    it('says nothing more once it is closed, and may be closed twice', async () => {
      const open = await opened()
      const after: string[] = []
      open.events.on((event) => after.push(event.type))
      open.onMessage(() => after.push('message'))
      const closing = open.close()
      relay.say(Uint8Array.of(0x90, 120))
      await closing
      await open.close()
      expect(after).toEqual([])
    })

    it('is lost once when the relay hangs up', async () => {
      const open = await opened()
      const reasons: string[] = []
      const lost = new Promise<void>((resolve) => {
        open.events.on((event) => {
          if (event.type !== 'lost') return
          reasons.push(event.reason)
          resolve()
        })
      })
      await relay.hangUp()
      await lost
      expect(open.state).toBe('closed')
      await open.close()
      expect(reasons.length).toBe(1)
    })
  })
}
