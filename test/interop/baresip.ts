import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from './program.ts'
import { readWav, writeWav } from './wav.ts'

export interface BaresipOptions {
  /** What the user speaks: 8 kHz mono. baresip hangs up when it ends. */
  readonly speech: Float32Array
  readonly username: string
  readonly password: string
  /** host:port of the registrar. */
  readonly registrar: string
  /** First of the ports that it may use: SIP on this one, TLS on the next, RTP from 100 above. */
  readonly firstPort: number
  readonly codec: 'PCMU' | 'PCMA'
  readonly answer?: 'manual' | 'auto'
  /** Further account parameters, for example `outbound="sip:…"`. */
  readonly parameters?: string
}

/** baresip without sound card: a WAV file is the microphone, recordings of both directions fall into its folder. */
export class Baresip {
  readonly program: Program
  readonly #folder: string

  constructor(options: BaresipOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), 'tandem-baresip-'))
    const { firstPort: port } = options
    writeWav(join(this.#folder, 'speech.wav'), options.speech, 8000)
    writeFileSync(join(this.#folder, 'config'), this.#config(port))
    const account = [
      `<sip:${options.username}@${options.registrar}>`,
      `auth_pass=${options.password}`,
      'regint=60',
      `answermode=${options.answer ?? 'manual'}`,
      `audio_codecs=${options.codec}`,
      ...(options.parameters ? [options.parameters] : []),
    ]
    writeFileSync(join(this.#folder, 'accounts'), `${account.join(';')}\n`)
    writeFileSync(join(this.#folder, 'contacts'), '')
    this.program = new Program('baresip', ['-f', this.#folder, '-v'])
    this.#ctrlPort = port + 2
  }

  readonly #ctrlPort: number

  registered(): Promise<unknown> {
    return this.program.waitFor(/200 OK .*\[\d+ bindings?\]/, 10_000)
  }

  /** Sends one command of baresip's menu, as typed at its prompt. */
  async command(command: string, params = ''): Promise<void> {
    const { connect } = await import('node:net')
    const json = JSON.stringify({ command, params })
    await new Promise<void>((resolve, reject) => {
      const socket = connect(this.#ctrlPort, '127.0.0.1', () => socket.write(`${json.length}:${json},`))
      socket.once('data', () => socket.end())
      socket.once('close', () => resolve())
      socket.once('error', reject)
    })
  }

  /** What its user heard. */
  recording(): { pcm: Float32Array; sampleRateHz: number } {
    const file = readdirSync(this.#folder).find((name) => name.endsWith('-dec.wav'))
    if (!file) throw new Error(`baresip recorded nothing; output:\n${this.program.output.slice(-2000)}`)
    return readWav(join(this.#folder, file))
  }

  stop(): Promise<void> {
    return this.program.stop()
  }

  #config(port: number): string {
    const modules = ['g711', 'aufile', 'aubridge', 'sndfile']
    return [
      'poll_method epoll',
      `sip_listen 127.0.0.1:${port}`,
      'net_interface 127.0.0.1',
      `rtp_ports ${port + 100}-${port + 199}`,
      `audio_source aufile,${join(this.#folder, 'speech.wav')}`,
      'audio_player aubridge,sink',
      'audio_alert aubridge,alert',
      'ausrc_srate 8000',
      'auplay_srate 8000',
      `snd_path ${this.#folder}`,
      'module_path /usr/lib/baresip/modules',
      ...modules.map((name) => `module ${name}.so`),
      'module_tmp account.so',
      'module_app menu.so',
      'module_app ctrl_tcp.so',
      `ctrl_tcp_listen 127.0.0.1:${port + 2}`,
      '',
    ].join('\n')
  }
}
