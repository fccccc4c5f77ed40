import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { NodeNetwork } from '../../../src/net/node-network.ts'
import type { SipStats, SipUserAgentOptions } from '../../../src/sip/sip-engine.ts'
import type { TimerSettings } from '../../../src/sip/transaction/timers.ts'
import { SipUserAgent } from '../../../src/sip/user-agent.ts'
import { cpuMs } from '../../interop/process-vitals.ts'
import { serve } from '../../interop/remote.ts'

/** A SIP user agent in a process of its own, so that its CPU time and memory are its own. It accepts every call. */
export interface AgentPlan {
  readonly options: Partial<SipUserAgentOptions>
  readonly timers?: TimerSettings
}

export type AgentActions = {
  /** Resolves with the port. */
  start: (plan: AgentPlan) => Promise<number>
  stats: () => SipStats
  /** Of the registrations of ours, how many stand now, and how often one was lost after it had stood. */
  registrations: () => { registered: number; lost: number }
  /** Times that a user had no contact left. */
  contactsLost: () => number
  cpuMs: () => number
  /** After a collection. */
  heapBytes: () => number
  stop: () => Promise<void>
}

const ANSWER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
let agent: SipUserAgent
let contactsLost = 0
let lost = 0

const actions: AgentActions = {
  start: async ({ options, timers }) => {
    agent = new SipUserAgent(
      {
        listeners: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
        realm: 'bench',
        product: 'bench',
        users: [],
        registrations: [],
        staticTrunks: [],
        ...options,
      },
      {
        clock: systemClock,
        random: systemRandom,
        logger: silentLogger,
        network: new NodeNetwork(silentLogger),
        ...(timers && { timers }),
      },
    )
    agent.onInvite((session) => session.accept(ANSWER))
    agent.contactsChanged.on(({ contacts }) => {
      if (contacts === 0) contactsLost++
    })
    for (const registration of agent.registrations) {
      registration.changed.on((state) => {
        if (state === 'failed') lost++
      })
    }
    await agent.start()
    return agent.listening[0]!.port
  },
  stats: () => agent.stats(),
  registrations: () => ({
    registered: agent.registrations.filter(({ state }) => state === 'registered').length,
    lost,
  }),
  contactsLost: () => contactsLost,
  cpuMs,
  heapBytes: () => {
    collect()
    return process.memoryUsage().heapUsed
  },
  stop: () => agent.stop(),
}

serve({ ...actions })
