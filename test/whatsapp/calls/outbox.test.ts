import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { Outbox } from '../../../src/whatsapp/calls/outbox.ts'
import { MemoryWaClient } from '../memory-wa-client.ts'
import { n } from '../stanza/nodes.ts'

let clock: VirtualClock
let client: MemoryWaClient
let outbox: Outbox

beforeEach(() => {
  clock = new VirtualClock()
  client = new MemoryWaClient({ clock })
  client.enter('open')
  outbox = new Outbox(client, clock, silentLogger, 30_000)
})

const post = (tag: string, id: string) => outbox.post(n('call', { id, to: '1@lid' }, [n(tag)]))
const said = () => client.sent.map(({ attrs }) => attrs.id)
/** The connection ends, and comes back after this time. */
async function reconnect(awayMs = 1000): Promise<void> {
  client.enter('closed')
  await clock.advance(awayMs)
  client.enter('open')
  outbox.flush()
}

describe('the last words of a call', () => {
  it.each(['terminate', 'reject'])(
    'a %s that nobody has acknowledged is said once more, and no third time',
    async (tag) => {
      post(tag, 'A')
      await reconnect()
      expect(said()).toEqual(['A', 'A'])
      await reconnect()
      expect(said()).toEqual(['A', 'A'])
    },
  )

  it('are not said again when the server has them', async () => {
    post('terminate', 'A')
    outbox.acknowledged('A')
    await reconnect()
    expect(said()).toEqual(['A'])
  })

  it('come before what was said later, and nothing else of the old connection comes again', async () => {
    post('accept', 'A')
    post('terminate', 'B')
    client.enter('closed')
    post('terminate', 'C')
    await reconnect()
    expect(said()).toEqual(['A', 'B', 'B', 'C'])
  })

  it('that waited for the connection are repeated, too', async () => {
    client.enter('closed')
    post('terminate', 'A')
    await reconnect()
    await reconnect()
    expect(said()).toEqual(['A', 'A'])
  })

  it('that the socket did not take wait as if they had never been said', async () => {
    const send = client.send.bind(client)
    client.send = async () => {
      const { offline } = await import('../../../src/whatsapp/account/library-errors.ts')
      throw offline()
    }
    post('terminate', 'A')
    await outbox.sent()
    client.send = send
    await reconnect()
    await reconnect()
    expect(said()).toEqual(['A', 'A'])
  })

  it('are forgotten after ten minutes', async () => {
    post('terminate', 'A')
    await reconnect(600_000)
    expect(said()).toEqual(['A'])
  })

  it('are those of 64 calls', async () => {
    for (let i = 0; i < 70; i++) post('terminate', `A${i}`)
    client.sent.length = 0
    await reconnect()
    expect(said()).toEqual(Array.from({ length: 64 }, (_, i) => `A${i + 6}`))
  })

  it('are not said in the name of an account that is lost', async () => {
    post('terminate', 'A')
    outbox.clear()
    await reconnect()
    expect(said()).toEqual(['A'])
  })
})
