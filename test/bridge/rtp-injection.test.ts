import { expect, it } from 'vitest'
import { BOB } from '../sip/pair.ts'
import { PbxCall } from './pbx-call.ts'

/** What somebody who has found our RTP port can do to a call. */

const LOUD = 0.2
const QUIET = 0.01
const PORT = 10_000

/** 20 ms of a loud square in PCMU, from whom and with whatever SSRC. */
function forged(sequence: number, ssrc: number): Uint8Array {
  const packet = Buffer.alloc(12 + 160)
  packet[0] = 0x80
  packet.writeUInt16BE(sequence, 2)
  packet.writeUInt32BE(sequence * 160, 4)
  packet.writeUInt32BE(ssrc, 8)
  for (let i = 0; i < 160; i++) packet[12 + i] = i % 8 < 4 ? 0x10 : 0x90
  return packet
}

async function attacker(call: PbxCall, address: string, port: number) {
  const answers: Uint8Array[] = []
  const socket = await call.dialogue.pair.network.udp({
    address,
    port,
    onDatagram: (got) => void answers.push(got.slice()),
  })
  const send = (datagram: Uint8Array, to = PORT) => socket.send(datagram, { address: BOB.address, port: to })
  return { send, answers }
}

it.each([
  ['another host', '203.0.113.66', 4000],
  ['another port of the same host', '10.0.0.9', 4444],
])('RTP from %s is dropped and counted; nothing is sent there', async (_, address, port) => {
  const call = await PbxCall.start()
  await call.up()
  expect(await call.tone(200)).toBeGreaterThan(LOUD)
  const { send, answers } = await attacker(call, address, port)
  let level = 0
  for (let i = 0; i < 20; i++) {
    send(forged(1000 + i, 0xbad))
    level = await call.silence(20)
  }
  expect(level).toBeLessThan(QUIET)
  expect(answers).toEqual([])
  expect(call.leg.quality()).toMatchObject({ rejected: 20, received: 10 })
})

it('the call’s own stream goes on unharmed beside it, even with its SSRC and numbers', async () => {
  const call = await PbxCall.start()
  await call.up()
  await call.tone(200)
  const { send } = await attacker(call, '203.0.113.66', 4000)
  for (let i = 0; i < 20; i++) {
    send(forged(10 + i, 1))
    expect(await call.tone(20)).toBeGreaterThan(LOUD)
  }
  expect(call.leg.quality()).toMatchObject({ rejected: 20, received: 30, lost: 0, late: 0 })
})

it('an RTCP BYE of somebody else ends nothing', async () => {
  const call = await PbxCall.start()
  await call.up()
  await call.tone(200)
  const { send } = await attacker(call, '203.0.113.66', 4001)
  const receiverReport = [0x80, 201, 0, 1, 0, 0, 0, 1]
  send(Uint8Array.from([...receiverReport, 0x81, 203, 0, 1, 0, 0, 0, 1]), PORT + 1)
  expect(await call.tone(200)).toBeGreaterThan(LOUD)
  expect(call.events).toEqual([])
})
