import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { raisePriority } from '../../../src/cli/priority.ts'
import { G711Encoder } from '../../../src/media/codecs/g711/g711.ts'
import { resampleWhole } from '../../../src/media/measure/rational-resample.ts'
import { NodeNetwork } from '../../../src/net/node-network.ts'
import { speech } from '../../../src/sim/speech.ts'
import type { Session, SessionEnd } from '../../../src/sip/sip-engine.ts'
import { SipUserAgent } from '../../../src/sip/user-agent.ts'
import { cpuMs } from '../../interop/process-vitals.ts'
import { serve } from '../../interop/remote.ts'
import { DeskLine, FRAME_BYTES } from './desk-line.ts'

/** SIP phones in a process of their own, which dial and speak until they are told to stop. */

export interface DeskAccount {
  readonly username: string
  readonly password: string
  /** host:port of the gateway. */
  readonly registrar: string
}

export interface DeskCall {
  /** Undefined while the call is up. */
  readonly end: SessionEnd | undefined
  readonly received: number
  readonly longestGapMs: number
  /** The last seconds, 8 kHz. */
  readonly pcm: Float32Array
}

export interface DeskActions {
  /** Resolves when the account is registered. */
  readonly start: (account: DeskAccount) => Promise<void>
  /** Resolves when the call is answered, or over. */
  readonly dial: (number: string) => Promise<void>
  /** How many calls are up. */
  readonly up: () => number
  readonly settle: () => void
  readonly calls: () => readonly DeskCall[]
  readonly cpuMs: () => number
  readonly stop: () => Promise<void>
}

interface Call {
  readonly line: DeskLine
  readonly session: Session
  readonly over: Promise<void>
  isUp: boolean
  end: SessionEnd | undefined
}

const PAUSE_S = 1
const RATE_HZ = 8000

const network = new NodeNetwork(silentLogger)
const calls: Call[] = []
let words: Uint8Array
let agent: SipUserAgent
let username: string

function encodedWords(): Uint8Array {
  const narrow = resampleWhole(speech(), 16_000, RATE_HZ)
  const encoder = new G711Encoder('pcma')
  const frames = Math.ceil((narrow.length + PAUSE_S * RATE_HZ) / FRAME_BYTES)
  const pcm = new Float32Array(frames * FRAME_BYTES)
  pcm.set(narrow)
  const bytes = new Uint8Array(pcm.length)
  for (let at = 0; at < pcm.length; at += FRAME_BYTES) {
    encoder.encode(pcm.subarray(at, at + FRAME_BYTES), bytes.subarray(at, at + FRAME_BYTES))
  }
  return bytes
}

async function dial(number: string): Promise<void> {
  const position = (calls.length * 23 * FRAME_BYTES) % words.length
  const line = await DeskLine.open(network, words, position)
  const session = agent.invite(
    { kind: 'trunk', trunk: 'gateway', user: number },
    { caller: { user: username }, offer: () => line.sdp.offer() },
  )
  const call: Call = { line, session, over: Promise.resolve(), isUp: false, end: undefined }
  return new Promise((resolve) => {
    const over = new Promise<void>((ended) => {
      session.events.on((event) => {
        if (event.type === 'established' && event.sdp !== undefined) {
          line.talkTo(line.sdp.readAnswer(event.sdp).remote)
          call.isUp = true
          resolve()
        }
        if (event.type !== 'ended') return
        call.isUp = false
        call.end = event.end
        resolve()
        ended()
      })
    })
    calls.push(Object.assign(call, { over }))
  })
}

const actions: DeskActions = {
  start: async ({ registrar, password, ...account }) => {
    words = encodedWords()
    username = account.username
    agent = new SipUserAgent(
      {
        listeners: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
        realm: 'phone',
        product: 'Tandem-bench-phone',
        users: [],
        registrations: [{ name: 'gateway', registrar, username, password, expiresS: 3600 }],
        staticTrunks: [],
      },
      { clock: systemClock, network, logger: silentLogger, random: systemRandom },
    )
    await agent.start()
    const [registration] = agent.registrations
    if (registration?.state === 'registered') return
    await new Promise<void>((resolve) => {
      registration?.changed.on((state) => state === 'registered' && resolve())
    })
  },
  dial,
  up: () => calls.filter(({ isUp }) => isUp).length,
  settle: () => {
    for (const { line } of calls) line.settle()
  },
  calls: () =>
    calls.map(({ end, line }) => {
      return { end, received: line.received, longestGapMs: line.longestGapMs, pcm: line.listen() }
    }),
  cpuMs,
  stop: async () => {
    for (const call of calls) if (call.isUp) call.session.end()
    await Promise.all(calls.map(({ over }) => over))
    await Promise.all(calls.map(({ line }) => line.close()))
    await agent.stop()
  },
}

raisePriority()
serve(actions)
