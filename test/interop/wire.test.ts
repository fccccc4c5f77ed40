import { createSocket } from 'node:dgram'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/random.ts'
import { Baresip } from './baresip.ts'
import { Capture } from './capture.ts'
import { Closing } from './closing.ts'
import { expectUnderstood, joined, narrowSpeech, seconds } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, expectQuiet, type House, numberOf, openHouse, PHONE } from './house.ts'
import { portBlock } from './ports.ts'
import { report } from './report.ts'

const closing = new Closing()
let house: House
let phone: Baresip
let sipPort: number

beforeAll(async () => {
  house = await openHouse(closing, { users: [PHONE] }, { maxCalls: 2 })
  sipPort = Number(house.sip.split(':')[1])
  phone = new Baresip({
    ...PHONE,
    registrar: house.sip,
    codec: 'PCMA',
    firstPort: await portBlock(Baresip.ports),
    speech: joined(narrowSpeech, seconds(2)),
  })
  closing.add(() => phone.stop())
  await phone.registered()
})

afterEach(() => expectQuiet(house))

afterAll(() => closing.run(), CLOSE_TIMEOUT_MS)

describe('on the wire', () => {
  it('is SIP, SDP, RTP and RTCP of which Wireshark has nothing to complain', async () => {
    const { first, last } = house.rtpPorts
    const capture = new Capture({ filter: `udp port ${sipPort} or udp portrange ${first}-${last}`, sipPort })
    try {
      await capture.started()
      await phone.dial(numberOf('talker'))
      await phone.established()
      await phone.over()
      await expectQuiet(house)
      await capture.stop()
      const ours = `(udp.srcport == ${sipPort} || (udp.srcport >= ${first} && udp.srcport <= ${last}))`
      const counts = {
        // What the phone was slow to acknowledge comes twice; it is asked by OPTIONS when it has registered.
        sip: capture.count(`sip && !(sip.resend == 1) && sip.CSeq.method != "OPTIONS" && ${ours}`),
        sdp: capture.count(`sdp && ${ours}`),
        rtp: capture.count(`rtp && ${ours}`),
        rtcp: capture.count(`rtcp && ${ours}`),
      }
      report('on the wire', counts)
      expect(capture.complaints()).toEqual([])
      // 100, 180, 200 to INVITE, 200 to BYE; one answer; ten seconds of packets; a report every few seconds.
      expect(counts.sip).toBe(4)
      expect(counts.sdp).toBe(1)
      expect(counts.rtp).toBeGreaterThan(400)
      expect(counts.rtcp).toBeGreaterThan(0)
    } finally {
      await capture.stop()
      capture.forget()
    }
  })

  it('may be garbage and truncated datagrams by the thousand: the call goes on', async () => {
    const { first, last } = house.rtpPorts
    await phone.dial(numberOf('talker'))
    await phone.established()
    const sent = await bombard([sipPort, ...Array.from({ length: last - first + 1 }, (_, i) => first + i)])
    expect(await phone.over()).toBe('terminated')
    expectUnderstood('under fire', phone.recording(), narrowSpeech, { sent })
    const [record] = (await house.gateway.ask('ended')).slice(-1)
    expect(record).toMatchObject({ state: 'ended', cause: 'normal', endedBy: 'caller' })
    expect(house.gateway.output).not.toMatch(/"level":"error"/)
  })
})

const REQUEST = [
  'INVITE sip:+491713920002@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKgarbage',
  'From: <sip:x@127.0.0.1>;tag=1',
  'To: <sip:y@127.0.0.1>',
  'Call-ID: garbage',
  'CSeq: 1 INVITE',
  'Content-Type: application/sdp',
  'Content-Length: 400',
  '',
  'v=0\r\nm=audio 99999999 RTP/AVP 0',
].join('\r\n')

/** Noise, cut-off SIP, RTP and RTCP, over two seconds of the call. Resolves with the number of datagrams. */
async function bombard(ports: readonly number[]): Promise<number> {
  const random = seededRandom(7)
  const socket = createSocket('udp4')
  const rounds = 20
  const send = (bytes: Uint8Array, port: number) =>
    new Promise<void>((resolve) => socket.send(bytes, port, '127.0.0.1', () => resolve()))
  let sent = 0
  for (let round = 0; round < rounds; round++) {
    for (const port of ports) {
      const noise = random.bytes(random.below(1400))
      // Version 2, so that it gets past the first look: now RTP, now RTCP.
      const rtpLike = Uint8Array.from(noise, (byte, i) =>
        i === 0 ? 0x80 | (byte & 0x3f) : i === 1 && round % 2 ? 200 + (byte % 5) : byte,
      )
      const cut = new TextEncoder().encode(REQUEST.slice(0, random.below(REQUEST.length)))
      for (const bytes of port === ports[0] ? [noise, cut, new Uint8Array(0)] : [noise, rtpLike]) {
        await send(bytes, port)
        sent++
      }
    }
  }
  socket.close()
  return sent
}
