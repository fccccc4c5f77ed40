import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { ScriptedPhone } from '../../src/cli/demo/scripted-phone.ts'
import { raisePriority } from '../../src/cli/priority.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { cast } from '../../src/sim/cast.ts'
import type { GatewayActions } from '../interop/gateway-process.ts'
import { hearSpeech, narrowSpeech } from '../interop/hearing.ts'
import type { GatewayPlan } from '../interop/paired-gateway.ts'
import { Remote } from '../interop/remote.ts'
import type { WhatsAppActions } from '../interop/whatsapp-process.ts'
import type { Figures } from './run.ts'

/**
 * The first calls of fresh processes: the gateway, WhatsApp and the phone each in one of their own. How well both sides
 * hear each other, and how long each process stood still, call by call: the first must be like the later ones.
 */

const CALLS = 3
const PHONE = { username: 'phone', password: 'secret-of-1-phone' }
const WIDE_RATE_HZ = 16_000

export async function bench(): Promise<Figures> {
  raisePriority()
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-first-call-'))
  const whatsApp = new Remote<WhatsAppActions>('whatsapp', new URL('../interop/whatsapp-process.ts', import.meta.url))
  const gateway = new Remote<GatewayActions>('gateway', new URL('../interop/gateway-process.ts', import.meta.url))
  const startedMs = systemClock.nowMs()
  const config = {
    dataDirectory,
    sip: { listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }], users: [PHONE] },
    media: { address: '127.0.0.1' },
    whatsapp: { accounts: [{ name: 'main', maxCalls: 2 }] },
    relay: { portPolicy: 'advertised' },
    dialing: { countryCode: '49' },
  } satisfies GatewayPlan['config']
  const place = await whatsApp.ask('start', undefined)
  const qrText = await gateway.ask('start', { config, place })
  if (qrText !== undefined) await whatsApp.ask('scan', qrText)
  const registrar = `127.0.0.1:${await gateway.ask('ready')}`
  const readyMs = systemClock.nowMs() - startedMs
  const phone = new ScriptedPhone({ ...PHONE, registrar }, new NodeNetwork(silentLogger), silentLogger)
  await phone.register()
  const own = monitorEventLoopDelay({ resolution: 1 })
  own.enable()
  const figures: Record<string, number> = { readyMs: Math.round(readyMs) }
  for (let number = 1; number <= CALLS; number++) {
    await gateway.ask('longestStallMs')
    await whatsApp.ask('longestStallMs')
    own.reset()
    const call = (await phone.dial(numberOf('talker'))).willSay(narrowSpeech)
    await call.established
    await whatsApp.ask('waitForSpeech', 'talker')
    call.hangUp()
    await call.ended
    const atPhone = hearSpeech({ pcm: call.media.recording().pcm, sampleRateHz: 8000 })
    figures[`phoneStall${number}`] = longest(own)
    figures[`gatewayStall${number}`] = await gateway.ask('longestStallMs')
    figures[`whatsAppStall${number}`] = await whatsApp.ask('longestStallMs')
    const other = await whatsApp.ask('latestCall', 'talker')
    const atWhatsApp = hearSpeech({ pcm: other!.heard, sampleRateHz: WIDE_RATE_HZ })
    figures[`stoiToSip${number}`] = thousandths(atPhone.stoi)
    figures[`stoiToWhatsApp${number}`] = thousandths(atWhatsApp.stoi)
    await call.close()
  }
  await phone.stop()
  await Promise.all([gateway.end(), whatsApp.end()])
  rmSync(dataDirectory, { recursive: true })
  return figures
}

const longest = (delay: IntervalHistogram) => Math.round(delay.max / 1e6)
const thousandths = (value: number) => Math.round(value * 1000) / 1000
const numberOf = (name: string) => `+${cast.find((member) => member.name === name)?.number}`
