import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resampleWhole } from '../../src/media/measure/rational-resample.ts'
import { PHONE_RATE_HZ } from './hearing.ts'
import { Program } from './program.ts'
import { readWav, writeWav } from './wav.ts'

/** By codec: what baresip wants its microphone and loudspeaker to be, so that it need not resample (which it does badly). */
const SOUND = {
  PCMU: { sampleRateHz: 8000, channels: 1 },
  PCMA: { sampleRateHz: 8000, channels: 1 },
  'G722/16000': { sampleRateHz: 16_000, channels: 1 },
  'L16/16000/1': { sampleRateHz: 16_000, channels: 1 },
  'opus/48000/2': { sampleRateHz: 48_000, channels: 2 },
} as const

const MODULES = ['g711', 'g722', 'opus', 'l16', 'srtp', 'aufile', 'aubridge', 'sndfile']

export interface BaresipOptions {
  /** What the user speaks: 8 kHz mono. baresip hangs up when it ends. */
  readonly speech: Float32Array
  readonly username: string
  readonly password: string
  /** host:port of the registrar. */
  readonly registrar: string
  /** First of the ports that it may use: SIP on this one, TLS on the next, RTP from 100 above. */
  readonly firstPort: number
  readonly codec: keyof typeof SOUND
  /** Its own; 127.0.0.1 when absent. */
  readonly address?: string
  /** False: it only calls and is called. */
  readonly registers?: boolean
  readonly answer?: 'manual' | 'auto'
  /** Further account parameters, for example `outbound="sip:…"`. */
  readonly parameters?: string
  /** Further lines of its configuration. */
  readonly config?: readonly string[]
}

/** The end as baresip words it: the other side's BYE or final answer, or a line about itself. */
const OVER = /session closed: (.*)|(terminated) \(duration/

/** baresip without sound card: a WAV file is the microphone, recordings of both directions fall into its folder. */
export class Baresip {
  /** How many ports an instance takes from its first one on. */
  static readonly ports = 200
  readonly program: Program
  readonly #folder: string
  readonly #ctrlPort: number
  /** Where in the output the latest call begins. */
  #callFrom = 0

  constructor(options: BaresipOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), 'tandem-baresip-'))
    const { firstPort: port } = options
    const { sampleRateHz, channels } = SOUND[options.codec]
    const speech = Float32Array.from(resampleWhole(options.speech, PHONE_RATE_HZ, sampleRateHz))
    writeWav(join(this.#folder, 'speech.wav'), speech, sampleRateHz, channels)
    writeFileSync(
      join(this.#folder, 'config'),
      [...this.#config(options, SOUND[options.codec]), ...(options.config ?? []), ''].join('\n'),
    )
    const account = [
      `<sip:${options.username}@${options.registrar}>`,
      `auth_pass=${options.password}`,
      `regint=${options.registers === false ? 0 : 60}`,
      `answermode=${options.answer ?? 'manual'}`,
      `audio_codecs=${options.codec}`,
      ...(options.parameters ? [options.parameters] : []),
    ]
    writeFileSync(join(this.#folder, 'accounts'), `${account.join(';')}\n`)
    writeFileSync(join(this.#folder, 'contacts'), '')
    this.program = new Program('baresip', ['-f', this.#folder, '-v'])
    this.#ctrlPort = port + 2
  }

  registered(): Promise<unknown> {
    return this.program.waitFor(/200 OK .*\[\d+ bindings?\]/, 10_000)
  }

  async dial(number: string): Promise<void> {
    this.#callFrom = this.program.output.length
    await this.#command('dial', number)
  }

  /** Resolves when somebody calls; `answer` takes the call. */
  async rings(): Promise<string> {
    const [, caller = ''] = await this.program.waitFor(/Incoming call from: (.*?) - /, 10_000, this.#callFrom)
    return caller
  }

  async answer(): Promise<void> {
    await this.#command('accept')
  }

  async hangUp(): Promise<void> {
    await this.#command('hangup')
  }

  async hold(): Promise<void> {
    await this.#command('hold')
  }

  async resume(): Promise<void> {
    await this.#command('resume')
  }

  /** Blind (RFC 3515). Resolves when it has been told that the other phone has answered, and has left the call. */
  async transfer(uri: string, meanwhile: () => Promise<void>): Promise<void> {
    await this.#command('transfer', uri)
    await meanwhile()
    await this.program.waitFor(/transferring call[\s\S]*audio: destroyed/, 10_000, this.#callFrom)
  }

  /** Sends a digit as a telephone event. */
  async press(digit: string): Promise<void> {
    await this.#command('sndcode', digit)
  }

  /** Resolves when the call has got so many answers to offers of its own besides the first. */
  async agreed(times: number): Promise<void> {
    await this.program.waitFor(new RegExp(`(?:got SDP answer[\\s\\S]*){${times + 1}}`), 10_000, this.#callFrom)
  }

  /** Resolves when the digit has come as a telephone event. */
  async hearsDigit(digit: string): Promise<void> {
    await this.program.waitFor(new RegExp(`received event: '[${digit}]'`), 10_000, this.#callFrom)
  }

  async established(): Promise<void> {
    await this.program.waitFor(/Call established/, 10_000, this.#callFrom)
  }

  /** Resolves when the call has ended, unless by `hangUp`, with what it shows its user: `486 Busy Here` and the like. */
  async over(): Promise<string> {
    const [, byOther, byItself] = await this.program.waitFor(OVER, 30_000, this.#callFrom)
    this.#callFrom = this.program.output.length
    return byOther ?? byItself ?? ''
  }

  /** What its user heard in the latest call. */
  recording(): { pcm: Float32Array; sampleRateHz: number } {
    const files = readdirSync(this.#folder).filter((name) => name.endsWith('-dec.wav'))
    const latest = files.sort().at(-1)
    if (!latest) throw new Error(`baresip recorded nothing; output:\n${this.program.output.slice(-2000)}`)
    return readWav(join(this.#folder, latest))
  }

  async stop(): Promise<void> {
    await this.program.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** One command of baresip's menu. */
  async #command(command: string, params = ''): Promise<void> {
    const json = JSON.stringify({ command, params })
    const socket = connect(this.#ctrlPort, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`${json.length}:${json},`)
    await once(socket, 'data')
    socket.destroy()
  }

  #config(
    { firstPort: port, address = '127.0.0.1' }: BaresipOptions,
    { sampleRateHz, channels }: (typeof SOUND)[keyof typeof SOUND],
  ): string[] {
    return [
      'poll_method epoll',
      `sip_listen ${address}:${port}`,
      `net_interface ${address}`,
      `rtp_ports ${port + 100}-${port + 199}`,
      `audio_source aufile,${join(this.#folder, 'speech.wav')}`,
      'audio_player aubridge,sink',
      'audio_alert aubridge,alert',
      `ausrc_srate ${sampleRateHz}`,
      `auplay_srate ${sampleRateHz}`,
      `ausrc_channels ${channels}`,
      `auplay_channels ${channels}`,
      `snd_path ${this.#folder}`,
      'module_path /usr/lib/baresip/modules',
      ...MODULES.map((name) => `module ${name}.so`),
      'module_tmp account.so',
      'module_app menu.so',
      'module_app ctrl_tcp.so',
      `ctrl_tcp_listen 127.0.0.1:${port + 2}`,
    ]
  }
}
