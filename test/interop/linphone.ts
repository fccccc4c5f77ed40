import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PHONE_RATE_HZ } from './hearing.ts'
import { Program } from './program.ts'
import { readWav, writeWav } from './wav.ts'

export interface LinphoneOptions {
  /** What the user speaks: 8 kHz mono. */
  readonly speech: Float32Array
  readonly username: string
  readonly password: string
  /** host:port of the registrar. */
  readonly registrar: string
  /** First of the ports that it may use: SIP on this one, RTP two above. */
  readonly firstPort: number
}

/** linphonec without sound card, driven by its prompt. It says and records 16-bit WAV files. */
export class Linphone {
  /** How many ports an instance takes from its first one on. */
  static readonly ports = 4
  readonly program: Program
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-linphone-'))
  readonly #registrar: string
  #calls = 0
  #recorded = ''
  /** Where in the output the latest call begins. */
  #callFrom = 0

  constructor(options: LinphoneOptions) {
    this.#registrar = options.registrar
    // It opens its databases there and does not make the folder.
    mkdirSync(join(this.#folder, '.local/share/linphone'), { recursive: true })
    writeWav(join(this.#folder, 'speech.wav'), options.speech, PHONE_RATE_HZ)
    writeFileSync(join(this.#folder, 'linphonerc'), configuration(options))
    this.program = new Program('linphonec', ['-c', join(this.#folder, 'linphonerc')], { env: { HOME: this.#folder } })
    this.program.type('soundcard use files')
  }

  async registered(): Promise<void> {
    // It tells only who asks.
    const asking = setInterval(() => this.program.type('status register'), 500)
    await this.program.waitFor(/^registered, identity/m, 10_000).finally(() => clearInterval(asking))
    this.#prepare()
  }

  dial(number: string): void {
    this.program.type(`call sip:${number}@${this.#registrar}`)
  }

  /** Resolves with the caller when somebody calls; `answer` takes the call. */
  async rings(): Promise<string> {
    const [, caller = ''] = await this.program.waitFor(
      /Receiving new incoming call from (.*), assigned id/,
      10_000,
      this.#callFrom,
    )
    return caller
  }

  answer(): void {
    this.program.type('answer')
  }

  hangUp(): void {
    this.program.type('terminate')
  }

  async established(): Promise<void> {
    await this.program.waitFor(/Media streams established/, 10_000, this.#callFrom)
  }

  /** Resolves when the call has ended, with the reason that it shows its user. */
  async over(): Promise<string> {
    const [, reason = ''] = await this.program.waitFor(
      /Call \d+ with .* (?:ended|error) \((.*)\)/,
      30_000,
      this.#callFrom,
    )
    this.#callFrom = this.program.output.length
    this.#recorded = this.#recording
    this.#prepare()
    return reason
  }

  /** What its user heard in the latest call that is over. */
  recording(): { pcm: Float32Array; sampleRateHz: number } {
    return readWav(this.#recorded)
  }

  async stop(): Promise<void> {
    this.program.type('quit')
    await this.program.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #recording(): string {
    return join(this.#folder, `call-${this.#calls}.wav`)
  }

  /** For the next call. While one rings, linphonec 5.1.65 never comes back from `record`. */
  #prepare(): void {
    this.#calls++
    this.program.type(`play ${join(this.#folder, 'speech.wav')}`)
    this.program.type(`record ${this.#recording}`)
  }
}

const configuration = ({ username, password, registrar, firstPort }: LinphoneOptions) => `[sip]
sip_port=${firstPort}
sip_tcp_port=0
sip_tls_port=0
guess_hostname=0
default_proxy=0
register_only_when_network_is_up=0
auto_net_state_mon=0
use_ipv6=0
[net]
bind_address=127.0.0.1
[auth_info_0]
username=${username}
passwd=${password}
realm=tandem
algorithm=MD5
[proxy_0]
reg_proxy=<sip:${registrar};transport=udp>
reg_identity=<sip:${username}@${registrar}>
reg_expires=60
reg_sendregister=1
publish=0
avpf=0
[rtp]
audio_rtp_port=${firstPort + 2}
[sound]
echocancellation=0
`
