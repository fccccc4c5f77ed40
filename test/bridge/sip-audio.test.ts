import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { SipAudio, type SipAudioSettings } from '../../src/bridge/sip-audio.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import { PortRange } from '../../src/media/rtp/port-range.ts'
import { MemoryNetwork } from '../../src/net/memory-network.ts'

const PBX = '10.0.0.1'
const GATEWAY = '10.0.0.2'

const open: SipAudio[] = []
afterEach(async () => {
  for (const audio of open.splice(0)) await audio.close()
})

const loud: AudioSource = {
  pull: (out) => {
    for (let i = 0; i < out.length; i++) out[i] = 0.5 * Math.sin((2 * Math.PI * i) / 32)
  },
}

class Line {
  readonly clock = new VirtualClock()
  readonly network = new MemoryNetwork(this.clock, seededRandom(1))
  /** RTP datagrams by sender. */
  readonly sent: Record<string, number> = { [PBX]: 0, [GATEWAY]: 0 }
  readonly digits: string[] = []

  constructor() {
    this.network.filter = (datagram, from) => {
      if (datagram[1] < 192 || datagram[1] > 223) this.sent[from.address]++
      return true
    }
  }

  async side(address: string, settings: Partial<SipAudioSettings> = {}): Promise<SipAudio> {
    const audio = await SipAudio.open(
      {
        network: this.network,
        clock: this.clock,
        random: seededRandom(address.length + open.length),
        address,
        ports: new PortRange(10_000, 10_099),
        codecs: ['G722', 'opus', 'PCMA', 'PCMU'],
        srtp: 'accept',
        allowInsecureSrtp: false,
        holdSound: 'silence',
        detectDtmf: false,
        ...settings,
      },
      (digit, durationMs) => this.digits.push(`${digit} ${Math.round(durationMs)}`),
    )
    open.push(audio)
    return audio
  }

  level(audio: AudioSource): number {
    const block = new Float32Array(320)
    audio.pull(block)
    return Math.sqrt(block.reduce((sum, value) => sum + value * value, 0) / block.length)
  }

  async talk(pbx: SipAudio, gateway: SipAudio, ms: number): Promise<{ atPbx: number; atGateway: number }> {
    let levels = { atPbx: 0, atGateway: 0 }
    for (let i = 0; i < ms / 20; i++) {
      await this.clock.advance(20)
      levels = { atPbx: this.level(pbx), atGateway: this.level(gateway) }
    }
    return levels
  }
}

const signalling = (localAddress: string, isSecure = false) => ({ localAddress, isSecure })

async function connect(pbx: SipAudio, gateway: SipAudio, isSecure = false, edit = (sdp: string) => sdp) {
  const { sdp, audio } = gateway.answer(signalling(GATEWAY, isSecure), edit(pbx.offer(signalling(PBX, isSecure))))
  await gateway.use(audio)
  await pbx.use(pbx.readAnswer(sdp))
  return { sdp, audio }
}

async function callBetween(line: Line, ofPbx: Partial<SipAudioSettings>, ofGateway: Partial<SipAudioSettings> = {}) {
  const [pbx, gateway] = [await line.side(PBX, ofPbx), await line.side(GATEWAY, ofGateway)]
  const { sdp, audio } = await connect(pbx, gateway)
  for (const audio of [pbx, gateway]) {
    audio.listenTo(loud)
    audio.start()
  }
  return { pbx, gateway, sdp, audio }
}

describe('SipAudio', () => {
  it.each(['PCMU', 'PCMA', 'G722', 'opus', 'L16'] as const)('talks both ways in %s', async (name) => {
    const line = new Line()
    const { pbx, gateway, sdp } = await callBetween(
      line,
      { codecs: [name] },
      { codecs: ['PCMU', 'PCMA', 'opus', 'G722', 'L16'] },
    )
    expect(sdp.match(/a=rtpmap:\d+ (?!telephone-event)/g)).toHaveLength(1)
    expect(sdp).toContain(` ${name}/`)
    const { atPbx, atGateway } = await line.talk(pbx, gateway, 500)
    expect(atPbx).toBeCloseTo(0.35, 1)
    expect(atGateway).toBeCloseTo(0.35, 1)
    expect(pbx.sendDigit('8', 100)).toBe(true)
    await line.talk(pbx, gateway, 400)
    expect(line.digits).toEqual(['8 100'])
  })

  it('offers its codecs in order, each clock with its telephone-event', async () => {
    const sdp = (await new Line().side(GATEWAY)).offer(signalling(GATEWAY))
    expect(sdp).toContain('m=audio 10000 RTP/AVP 9 107 8 0 101 102\r\n')
    expect(sdp).toContain('a=rtpmap:107 opus/48000/2\r\n')
    expect(sdp).toContain('a=rtpmap:102 telephone-event/48000\r\n')
  })

  it('keeps quiet while it is held, plays the hold sound, and comes back by an offer that it is asked for', async () => {
    const line = new Line()
    const { pbx, gateway } = await callBetween(line, {}, { holdSound: 'tone' })
    await line.talk(pbx, gateway, 500)
    await connect(pbx, gateway, false, (sdp) => sdp.replace('a=sendrecv', 'a=inactive'))
    expect(gateway.direction).toBe('inactive')
    const sent = line.sent[GATEWAY]
    const beep = await line.talk(pbx, gateway, 100)
    expect(beep.atGateway).toBeGreaterThan(0.04)
    await line.talk(pbx, gateway, 2000)
    expect(line.sent[GATEWAY]).toBe(sent)
    expect(gateway.silentMs()).toBe(0)
    const answer = pbx.answer(signalling(PBX), gateway.offer(signalling(GATEWAY)))
    await pbx.use(answer.audio)
    await gateway.use(gateway.readAnswer(answer.sdp))
    expect(gateway.direction).toBe('sendrecv')
    const { atPbx, atGateway } = await line.talk(pbx, gateway, 500)
    expect(atPbx).toBeCloseTo(0.35, 1)
    expect(atGateway).toBeCloseTo(0.35, 1)
  })

  it('hears the music of a far end that holds by address 0.0.0.0, and sends it nothing', async () => {
    const line = new Line()
    const { pbx, gateway } = await callBetween(line, {}, { holdSound: 'tone' })
    await line.talk(pbx, gateway, 500)
    const { audio } = await connect(pbx, gateway, false, (sdp) => sdp.replaceAll(`c=IN IP4 ${PBX}`, 'c=IN IP4 0.0.0.0'))
    expect(audio.direction).toBe('recvonly')
    const sent = line.sent[GATEWAY]
    expect((await line.talk(pbx, gateway, 500)).atGateway).toBeCloseTo(0.35, 1)
    expect(line.sent[GATEWAY]).toBe(sent)
  })

  it('takes an offer that comes before the first is in use', async () => {
    const line = new Line()
    const [pbx, gateway] = [await line.side(PBX, { codecs: ['opus'] }), await line.side(GATEWAY)]
    const first = gateway.answer(signalling(GATEWAY), pbx.offer(signalling(PBX)))
    const second = gateway.answer(signalling(GATEWAY), pbx.offer(signalling(PBX)))
    await Promise.all([gateway.use(first.audio), gateway.use(second.audio)])
    await pbx.use(pbx.readAnswer(second.sdp))
    for (const audio of [pbx, gateway]) {
      audio.listenTo(loud)
      audio.start()
    }
    expect((await line.talk(pbx, gateway, 500)).atPbx).toBeCloseTo(0.35, 1)
    expect(line.sent[GATEWAY]).toBe(line.sent[PBX])
  })

  it('begins to send when the answer comes after the call was answered, as after an INVITE without SDP', async () => {
    const line = new Line()
    const [pbx, gateway] = [await line.side(PBX), await line.side(GATEWAY)]
    gateway.listenTo(loud)
    const offer = gateway.offer(signalling(GATEWAY))
    gateway.start()
    const { sdp, audio } = pbx.answer(signalling(PBX), offer)
    await pbx.use(audio)
    await gateway.use(gateway.readAnswer(sdp))
    expect((await line.talk(pbx, gateway, 500)).atPbx).toBeCloseTo(0.35, 1)
  })

  it('sends the digits that it hears as telephone events, when told to', async () => {
    for (const detectDtmf of [true, false]) {
      const line = new Line()
      const { pbx, gateway } = await callBetween(line, {}, { detectDtmf })
      let at = 0
      const five: AudioSource = {
        pull: (out) => {
          for (let i = 0; i < out.length; i++, at++) {
            const tone = Math.sin((2 * Math.PI * 770 * at) / 16_000) + Math.sin((2 * Math.PI * 1336 * at) / 16_000)
            out[i] = at > 3200 && at < 6400 ? 0.2 * tone : 0
          }
        },
      }
      gateway.listenTo(five)
      await line.talk(pbx, gateway, 1500)
      expect(line.digits.map((digit) => digit[0])).toEqual(detectDtmf ? ['5'] : [])
    }
  })

  describe('SRTP', () => {
    const secure = async (
      ofPbx: Partial<SipAudioSettings>,
      ofGateway: Partial<SipAudioSettings>,
      isSecure: boolean,
    ) => {
      const line = new Line()
      const [pbx, gateway] = [await line.side(PBX, ofPbx), await line.side(GATEWAY, ofGateway)]
      const { audio } = await connect(pbx, gateway, isSecure)
      for (const audio of [pbx, gateway]) {
        audio.listenTo(loud)
        audio.start()
      }
      return { crypto: audio.crypto, ...(await line.talk(pbx, gateway, 500)) }
    }

    it.each(['optional', 'required'] as const)('%s: over TLS the sound is encrypted, and heard', async (srtp) => {
      const { crypto, atPbx, atGateway } = await secure({ srtp }, {}, true)
      expect(crypto?.local).toHaveLength(30)
      expect(crypto?.local).not.toEqual(crypto?.remote)
      expect(atPbx).toBeCloseTo(0.35, 1)
      expect(atGateway).toBeCloseTo(0.35, 1)
    })

    it('without TLS, no key is given or taken, and what is required is refused', async () => {
      expect((await secure({ srtp: 'optional' }, {}, false)).crypto).toBeUndefined()
      const offer = (await new Line().side(GATEWAY, { srtp: 'required' })).offer(signalling(GATEWAY))
      expect(offer).toContain('RTP/SAVP')
      expect(offer).not.toContain('crypto')
      await expect(secure({ srtp: 'required' }, {}, false)).rejects.toMatchObject({ code: 'sdp.no-common-codec' })
      await expect(secure({ srtp: 'off' }, { srtp: 'required' }, true)).rejects.toMatchObject({
        code: 'sdp.no-common-codec',
      })
    })

    it.each(['optional', 'required'] as const)('%s: each INVITE has what its own way allows', async (srtp) => {
      const audio = await new Line().side(GATEWAY, { srtp })
      const overTls = audio.firstOffer(signalling('10.0.0.3', true))
      const inClear = audio.firstOffer(signalling('10.0.0.4', false))
      const overTlsAgain = audio.firstOffer(signalling('10.0.0.5', true))
      expect([overTls, inClear, overTlsAgain].map((sdp) => /c=IN IP4 (\S+)/.exec(sdp)?.[1])).toEqual([
        '10.0.0.3',
        '10.0.0.4',
        '10.0.0.5',
      ])
      expect(inClear).not.toContain('crypto')
      const keys = [overTls, overTlsAgain].map((sdp) => /inline:(\S+)/.exec(sdp)?.[1])
      expect(keys).toEqual([expect.any(String), expect.any(String)])
      expect(keys[0]).not.toBe(keys[1])
    })

    it('without TLS, when the config allows it', async () => {
      const allowed = { allowInsecureSrtp: true }
      const { crypto, atPbx } = await secure({ srtp: 'required', ...allowed }, allowed, false)
      expect(crypto?.rtpTagBytes).toBe(10)
      expect(atPbx).toBeCloseTo(0.35, 1)
    })
  })
})
