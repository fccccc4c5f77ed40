import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import { proto } from 'baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { element } from '../../../src/sim/server/node.ts'
import type { BaileysClient } from '../../../src/whatsapp/account/baileys-client.ts'
import { simAccount, untilState } from './sim-account.ts'
import { simPeer } from './sim-peer.ts'

const { HistorySyncType } = proto.HistorySync
const SAID = 'a message of the chat history'
const TOKEN = Uint8Array.of(7, 2, 3)
const [NUMBER, LID] = ['4915200000009', '200000000000009@lid']
const [UNMAPPED, UNMAPPED_LID] = ['4915200000008', '200000000000008@lid']

let account: Awaited<ReturnType<typeof simAccount>>
let phone: ReturnType<typeof simPeer>
let client: BaileysClient

beforeEach(async () => {
  account = await simAccount()
  phone = simPeer(account.owner.devices.get(0)!)
  await account.pair()
  client = account.makeClient()
  const opened = untilState(client, 'open')
  await client.start()
  await opened
  // The first key makes the session in which the phone then writes.
  const own = account.owner.devices.get(0)!.jid
  const { keys } = await client.encryptCallKey([own], new Uint8Array(32))
  await phone.openKey(client.self()!.lid, keys[0]!.type, keys[0]!.ciphertext)
})
afterEach(() => account.end())

/** What the owner's phone sends to a new device; the client has dealt with it when this resolves. */
async function sendHistory(syncType: proto.HistorySync.HistorySyncType): Promise<void> {
  const nowS = Math.floor(Date.now() / 1000)
  const chat = (id: string, rest: proto.IConversation = {}) => ({
    id,
    tcToken: TOKEN,
    tcTokenTimestamp: nowS,
    messages: [{ message: { key: { id: 'M1', remoteJid: id }, message: { conversation: SAID } } }],
    ...rest,
  })
  const history = proto.HistorySync.encode({
    syncType,
    conversations: [chat(`${NUMBER}@s.whatsapp.net`, { lidJid: LID }), chat(`${UNMAPPED}@s.whatsapp.net`)],
  }).finish()
  const historySyncNotification = { syncType, initialHistBootstrapInlinePayload: deflateSync(history) }
  const { HISTORY_SYNC_NOTIFICATION: type } = proto.Message.ProtocolMessage.Type
  const message = { protocolMessage: { type, historySyncNotification } }
  await deliver('H1', message)
  // Messages are dealt with one after the other.
  await deliver('H2', { conversation: 'the next one' })
}

async function deliver(id: string, message: proto.IMessage): Promise<void> {
  const to = client.self()!.lid
  const { type, ciphertext } = await phone.sealMessage(to, message)
  const attrs = { from: `${account.owner.lid}@lid`, id, type: 'text', t: String(Math.floor(Date.now() / 1000)) }
  account.sim.post.deliver(to, element('message', attrs, [element('enc', { v: '2', type }, ciphertext)]))
  await account.received((node) => node.tag === 'receipt' && node.attrs.id === id)
}

const kept = () =>
  [account.storePath, `${account.storePath}-wal`].map((path) => readFileSync(path).toString('latin1')).join('')

describe('the chat history that a phone sends to a new device', () => {
  it('is looked into for tokens and LIDs, and nothing that was said is kept', async () => {
    await sendHistory(HistorySyncType.INITIAL_BOOTSTRAP)
    await expect.poll(() => client.privacyToken(LID)).toEqual(TOKEN)
    expect(await client.numberForLid(LID)).toBe(NUMBER)
    expect(kept()).not.toContain(SAID)
  })

  it('gives the token of somebody whose LID comes to be known later', async () => {
    await sendHistory(HistorySyncType.INITIAL_BOOTSTRAP)
    await expect.poll(() => client.privacyToken(LID)).toEqual(TOKEN)
    expect(await client.privacyToken(UNMAPPED_LID)).toBeUndefined()
    await client.rememberNumber(UNMAPPED_LID, UNMAPPED)
    expect(await client.privacyToken(UNMAPPED_LID)).toEqual(TOKEN)
  })

  it('is left alone when it is of another part', async () => {
    await sendHistory(HistorySyncType.RECENT)
    expect(await client.privacyToken(LID)).toBeUndefined()
    expect(await client.numberForLid(LID)).toBeUndefined()
  })
})
