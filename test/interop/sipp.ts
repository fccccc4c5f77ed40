import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Program } from './program.ts'

export interface SippLoad {
  /** host:port of the gateway. */
  readonly target: string
  readonly dialled: string
  readonly calls: number
  readonly callsPerSecond: number
  readonly talkMs: number
  /** Share of SIP messages that sipp drops, in each direction. */
  readonly lossPercent?: number
  /** A-law samples, 8 kHz. */
  readonly speech?: Uint8Array
}

export interface SippResult {
  readonly exitCode: number
  readonly successful: number
  readonly failed: number
  readonly retransmissions: number
  /** BYEs that a proxy gave up; only the scenario `stream` lets calls end so. */
  readonly unanswered: number
  /** How long the run took. */
  readonly seconds: number
  /** What sipp wrote about calls that failed. */
  readonly errors: string
}

/** Dials `calls` calls with a scenario made for it, and waits for them to end. */
export async function runSipp(load: SippLoad): Promise<SippResult> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-sipp-'))
  const audio = load.speech ? 'speech.alaw' : undefined
  if (load.speech) writeFileSync(join(folder, 'speech.alaw'), load.speech)
  writeFileSync(join(folder, 'uac.xml'), uacScenario(load.talkMs, audio))
  const { target, dialled, calls, callsPerSecond, lossPercent } = load
  const sipp = new Sipp({
    folder,
    scenario: 'uac.xml',
    target,
    dialled,
    calls,
    callsPerSecond,
    limitS: 240,
    lossPercent,
  })
  return sipp.finished
}

/** A scenario of the folder `sipp`, played until `calls` calls have come to their end. */
export interface SippScenario {
  readonly name: string
  readonly calls: number
  /** Absent: it waits for calls. */
  readonly calling?: {
    readonly target: string
    readonly dialled: string
    readonly callsPerSecond: number
    /** Of `<pause/>`. */
    readonly talkMs?: number
  }
  /** Its own; 127.0.0.1 when absent. */
  readonly address?: string
  /** First of four ports: SIP, and sound from the next but one on. */
  readonly firstPort: number
}

export function playScenario({ name, calls, calling, address, firstPort }: SippScenario): Sipp {
  const scenario = fileURLToPath(new URL(`./sipp/${name}.xml`, import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'tandem-sipp-'))
  const ports = { port: firstPort, mediaPort: firstPort + 2 }
  return new Sipp({ folder, scenario, calls, ...calling, address, ...ports, limitS: 40 })
}

interface SippRun {
  readonly folder: string
  readonly scenario: string
  readonly target?: string
  readonly dialled?: string
  readonly calls: number
  readonly callsPerSecond?: number
  readonly talkMs?: number
  readonly address?: string | undefined
  readonly port?: number
  readonly mediaPort?: number
  readonly lossPercent?: number | undefined
  /** sipp fails when it is not through by then. */
  readonly limitS: number
}

/** One run of sipp, which ends by itself. */
export class Sipp {
  readonly finished: Promise<SippResult>
  readonly #program: Program

  constructor(run: SippRun) {
    const started = performance.now()
    this.#program = new Program('sipp', argumentsOf(run), { cwd: run.folder, env: { TERM: 'dumb' } })
    this.finished = this.#program.exited.then((exitCode) => {
      const seconds = (performance.now() - started) / 1000
      const result = { ...resultOf(run.folder), exitCode, seconds }
      rmSync(run.folder, { recursive: true, force: true })
      return result
    })
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGKILL')
    await this.finished
  }
}

function argumentsOf(run: SippRun): string[] {
  const numbers = {
    s: run.dialled,
    m: run.calls,
    l: run.target === undefined ? undefined : run.calls,
    r: run.callsPerSecond,
    d: run.talkMs,
    p: run.port,
    mp: run.mediaPort,
    lost: run.lossPercent,
    timeout: run.limitS,
  }
  const given = Object.entries(numbers).flatMap(([name, value]) => (value ? [`-${name}`, String(value)] : []))
  const records = ['-trace_stat', '-stf', 'stat.csv', '-fd', '1', '-trace_err', '-nostdin', '-timeout_error']
  return [
    ...(run.target ? [run.target] : []),
    '-sf',
    run.scenario,
    '-i',
    run.address ?? '127.0.0.1',
    ...given,
    ...records,
  ]
}

function resultOf(folder: string): Omit<SippResult, 'exitCode' | 'seconds'> {
  const file = join(folder, 'stat.csv')
  const [header = '', ...rows] = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const names = header.split(';')
  const last = (rows.at(-1) ?? '').split(';')
  const figure = (name: string) => Number(last[names.indexOf(name)])
  return {
    successful: figure('SuccessfulCall(C)'),
    failed: figure('FailedCall(C)'),
    retransmissions: figure('Retransmissions(C)'),
    unanswered: names.includes('unanswered(C)') ? figure('unanswered(C)') : 0,
    errors: errorsOf(folder),
  }
}

/** Without what comes late in calls that had succeeded. */
function errorsOf(folder: string): string {
  const file = readdirSync(folder).find((name) => name.endsWith('_errors.log'))
  const events = file ? readFileSync(join(folder, file), 'utf8').split(/(?=\d{4}-\d\d-\d\d\t)/) : []
  return events
    .filter((event) => !event.includes('Dead call') && !event.includes('watchdog'))
    .join('')
    .slice(0, 4000)
}

const message = (startLine: string, to: string, cseq: string, extra = '', body = '') => `
${startLine}
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>${to}
Call-ID: [call_id]
CSeq: ${cseq}
Contact: <sip:sipp@[local_ip]:[local_port]>
${extra}Content-Length: [len]

${body}`

const sdp = `v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=ptime:20
a=sendrecv
`

const send = (text: string, options = '') => `<send ${options}><![CDATA[${text}]]></send>`

function uacScenario(talkMs: number, audio: string | undefined): string {
  const uri = 'sip:[service]@[remote_ip]:[remote_port]'
  const offer = audio ? sdp : sdp.replace('[rtpstream_audio_port]', '[media_port]')
  const play = audio ? `<nop><action><exec rtp_stream="${audio},-1,8"/></action></nop>` : ''
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="call, talk, hang up">
${send(message(`INVITE ${uri} SIP/2.0`, '', '1 INVITE', 'Content-Type: application/sdp\n', offer), 'retrans="500"')}
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
${send(message('ACK [next_url] SIP/2.0', '[peer_tag_param]', '1 ACK'))}
${play}
<pause milliseconds="${talkMs}"/>
${send(message('BYE [next_url] SIP/2.0', '[peer_tag_param]', '2 BYE'), 'retrans="500"')}
<recv response="200"/>
</scenario>
`
}
