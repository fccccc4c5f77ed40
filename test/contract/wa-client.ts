import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallQueryResult, Jid, WaClient, WaEvent, WaNode, WaState } from '../../src/whatsapp/wa-client.ts'

/** A client with a server that the test plays, and somebody to call. */
export interface WaClientBench {
  /** Not started, but paired. */
  readonly client: WaClient
  /** Somebody with a phone and a linked device, both online. `devices` in the order in which the server lists them. */
  readonly peer: { readonly number: string; readonly lid: Jid; readonly devices: readonly [Jid, Jid] }
  /** A number that is not on WhatsApp. */
  readonly unknownNumber: string
  /** What becomes of well-formed offers from now on. */
  answerOffers(how: 'ack' | 'error attribute' | 'error child' | 'nothing', code?: number): void
  /** An offer to the peer that the server finds no fault with. */
  offer(stanzaId: string): Promise<WaNode>
  /** The first stanza to have reached the server that matches. */
  received(matches: (node: WaNode) => boolean): Promise<WaNode>
  /** How many acks and receipts of `<call>` stanzas the client has sent. */
  acksOfCalls(): number
  /** Brings a `<call>` or `<receipt>` to the client. */
  deliver(node: WaNode): void
  /** What the peer's device makes of a key encrypted for it. */
  openKey(device: Jid, type: string, ciphertext: Uint8Array): Promise<Uint8Array>
  sealKey(device: Jid, callKey: Uint8Array): Promise<{ type: string; ciphertext: Uint8Array }>
  /** From now on nobody can make a session with this device. */
  makeUnreachable(device: Jid): void
  /** Ends the connection from the server's side. The client may come back. */
  cut(): void
  /** Lets time pass for the client. */
  passTime(deltaMs: number): Promise<void>
  end(): Promise<void>
}

const callKey = Uint8Array.from({ length: 32 }, (_, i) => i * 7)

/** What every `WaClient` does. */
export function waClientContract(name: string, makeBench: () => Promise<WaClientBench>): void {
  describe(`WaClient: ${name}`, () => {
    let bench: WaClientBench
    let client: WaClient
    let states: WaState[]

    const until = (state: WaState) =>
      new Promise<void>((resolve) => {
        if (client.state === state) resolve()
        const off = client.events.on((event: WaEvent) => {
          if (event.type !== 'state' || event.state !== state) return
          off()
          resolve()
        })
      })
    const start = async () => {
      await client.start()
      await until('open')
    }

    beforeEach(async () => {
      bench = await makeBench()
      client = bench.client
      states = []
      client.events.on((event) => event.type === 'state' && states.push(event.state))
    })
    afterEach(() => bench.end())

    it('goes through connecting to open, and to closed when it is stopped', async () => {
      expect(client.state).toBe('closed')
      await start()
      await client.stop()
      expect(client.state).toBe('closed')
      expect(states).toEqual(['connecting', 'open', 'closed'])
    })

    it('knows itself by number and LID device JID', async () => {
      await start()
      expect(client.self()?.pn).toMatch(/^\d+:\d+@s\.whatsapp\.net$/)
      expect(client.self()?.lid).toMatch(/^\d+:\d+@lid$/)
    })

    it('finds out who is on WhatsApp, and names them by number again', async () => {
      await start()
      expect(await client.lidForNumber(bench.peer.number)).toBe(bench.peer.lid)
      expect(await client.lidForNumber(bench.unknownNumber)).toBeUndefined()
      expect(await client.numberForLid(bench.peer.lid)).toBe(bench.peer.number)
      expect(await client.numberForLid(bench.peer.devices[1])).toBe(bench.peer.number)
      expect(await client.numberForLid('999999999999@lid')).toBeUndefined()
    })

    it('names somebody by a number that it was told, and still asks WhatsApp whom the number belongs to', async () => {
      await start()
      const { lid, devices } = bench.peer
      await client.rememberNumber(lid, bench.unknownNumber)
      expect(await client.numberForLid(devices[1])).toBe(bench.unknownNumber)
      expect(await client.lidForNumber(bench.unknownNumber)).toBeUndefined()
      await client.rememberNumber(lid, '4930000000001')
      expect(await client.numberForLid(lid)).toBe('4930000000001')
    })

    it('keeps the number that WhatsApp gave for somebody, whatever a call says', async () => {
      await start()
      const { lid, number } = bench.peer
      await client.lidForNumber(number)
      await client.rememberNumber(lid, bench.unknownNumber)
      expect(await client.numberForLid(lid)).toBe(number)
    })

    it('lists the devices of a user, and never its own', async () => {
      await start()
      expect(await client.devices(bench.peer.lid)).toEqual(bench.peer.devices)
      const self = client.self()!.lid
      expect(await client.devices(self.replace(/:\d+@/, '@'))).not.toContain(self)
    })

    it('has no connection before it is started and after it is stopped, and says so', async () => {
      const offlineEverywhere = async () => {
        const node: WaNode = { tag: 'receipt', attrs: { id: 'R1', to: bench.peer.lid } }
        const refusals = [
          client.send(node),
          client.devices(bench.peer.lid),
          client.lidForNumber('4930000000000'),
          ...(client.self() ? [client.encryptCallKey([bench.peer.devices[0]], callKey)] : []),
        ]
        for (const refusal of refusals) await expect(refusal).rejects.toMatchObject({ code: 'whatsapp.offline' })
        const query: WaNode = { tag: 'call', attrs: { id: 'Q1', to: bench.peer.lid } }
        expect(await client.callQuery(query, 1000)).toEqual({ kind: 'offline' })
      }
      await offlineEverywhere()
      await start()
      await client.stop()
      await offlineEverywhere()
    })

    it('encrypts a call key so that each device opens its own, and decrypts theirs', async () => {
      await start()
      for (const expected of ['pkmsg', 'pkmsg']) {
        const { keys, deviceIdentity, unreachable } = await client.encryptCallKey(bench.peer.devices, callKey)
        expect(keys.map((key) => key.jid)).toEqual(bench.peer.devices)
        expect(unreachable).toEqual([])
        expect(keys.map((key) => key.type)).toEqual([expected, expected])
        expect(deviceIdentity?.length).toBeGreaterThan(0)
        for (const { jid, type, ciphertext } of keys)
          expect(await bench.openKey(jid, type, ciphertext)).toEqual(callKey)
      }
      const [phone, linked] = bench.peer.devices
      const { type, ciphertext } = await bench.sealKey(linked, callKey)
      expect(await client.decryptCallKey(linked, type, ciphertext)).toEqual(callKey)
      const mixed = await client.encryptCallKey([phone, linked], callKey)
      expect(mixed.keys.map((key) => key.type)).toEqual(['pkmsg', 'msg'])
      const established = await client.encryptCallKey([linked], callKey)
      expect(established.deviceIdentity).toBeUndefined()
    })

    it('names the devices it could make no session with, and fails when none is left', async () => {
      await start()
      const [phone, linked] = bench.peer.devices
      bench.makeUnreachable(linked)
      const { keys, unreachable } = await client.encryptCallKey([phone, linked], callKey)
      expect(keys.map((key) => key.jid)).toEqual([phone])
      expect(unreachable).toEqual([linked])
      await expect(client.encryptCallKey([linked], callKey)).rejects.toMatchObject({ code: 'whatsapp.no-session' })
    })

    it('says when a call key cannot be decrypted, whatever came', async () => {
      await start()
      const from = bench.peer.devices[1]
      for (const [type, bytes] of [
        ['msg', new Uint8Array(0)],
        ['pkmsg', Uint8Array.of(0x33, 1, 2, 3)],
        ['skmsg', callKey],
        ['msg', new Uint8Array(100_000)],
      ] as const) {
        await expect(client.decryptCallKey(from, type, bytes)).rejects.toMatchObject({ code: 'whatsapp.decrypt' })
      }
    })

    it('has no privacy token of somebody who gave none', async () => {
      await start()
      expect(await client.privacyToken('999999999999@lid')).toBeUndefined()
    })

    it('gives the ack of an offer to who asked, and to who observes', async () => {
      await start()
      const observed: WaNode[] = []
      client.onCallAck((ack) => observed.push(ack))
      bench.answerOffers('ack')
      const result = await client.callQuery(await bench.offer('OFFER1'), 5000)
      expect(result.kind).toBe('ack')
      const { attrs, tag } = (result as Extract<CallQueryResult, { kind: 'ack' }>).ack
      expect({ tag, class: attrs.class, id: attrs.id }).toEqual({ tag: 'ack', class: 'call', id: 'OFFER1' })
      expect(observed).toHaveLength(1)
    })

    it.each(['error attribute', 'error child'] as const)('reads a refusal by %s', async (how) => {
      await start()
      bench.answerOffers(how, 463)
      expect(await client.callQuery(await bench.offer('OFFER2'), 5000)).toEqual({ kind: 'error', code: 463 })
    })

    it('stops waiting for an ack after the time given, or when the connection ends', async () => {
      await start()
      bench.answerOffers('nothing')
      const timed = client.callQuery(await bench.offer('OFFER3'), 5000)
      await bench.received((node) => node.attrs.id === 'OFFER3')
      await bench.passTime(5000)
      expect(await timed).toEqual({ kind: 'timeout' })
      const lost = client.callQuery(await bench.offer('OFFER4'), 5000)
      await bench.received((node) => node.attrs.id === 'OFFER4')
      bench.cut()
      expect(await lost).toEqual({ kind: 'offline' })
    })

    it('hands over calls and receipts, and leaves the acks of calls to others', async () => {
      await start()
      const [phone] = bench.peer.devices
      const calls = new Promise<WaNode>((resolve) => client.onCall(resolve))
      const receipts = new Promise<WaNode>((resolve) => client.onReceipt(resolve))
      const content: WaNode[] = [{ tag: 'terminate', attrs: { 'call-id': 'C1', 'call-creator': phone } }]
      bench.deliver({ tag: 'call', attrs: { from: phone, id: 'IN1', t: '1700000000' }, content })
      bench.deliver({ tag: 'receipt', attrs: { from: phone, id: 'IN2', t: '1700000000' } })
      const call = await calls
      expect(call).toMatchObject({ tag: 'call', attrs: { from: phone, id: 'IN1' }, content })
      expect((await receipts).attrs.id).toBe('IN2')
      expect(bench.acksOfCalls()).toBe(0)
      await client.send({ tag: 'ack', attrs: { class: 'call', id: 'IN1', to: phone, type: 'terminate' } })
      await bench.received((node) => node.tag === 'ack' && node.attrs.id === 'IN1')
      expect(bench.acksOfCalls()).toBe(1)
    })
  })
}
