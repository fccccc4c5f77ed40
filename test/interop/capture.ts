import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from './program.ts'

/** A packet that Wireshark's dissectors have something against. */
export interface Complaint {
  readonly frame: string
  readonly protocols: string
  readonly complaint: string
}

export interface CaptureOptions {
  /** What is recorded, in the language of libpcap. */
  readonly filter: string
  readonly sipPort: number
  readonly transport?: 'udp' | 'tcp' | 'tls'
  /** The keys of TLS sessions, as Node.js writes them. */
  readonly keyLog?: string
}

/** tshark on the loopback interface; needs root. Who starts it calls `stop` and, in the end, `forget`. */
export class Capture {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-capture-'))
  readonly #program: Program
  readonly #decoding: readonly string[]

  constructor({ filter, sipPort, transport = 'udp', keyLog }: CaptureOptions) {
    this.#program = new Program('tshark', ['-i', 'lo', '-f', filter, '-w', this.#file])
    const keys = keyLog === undefined ? [] : ['-o', `tls.keylog_file:${keyLog}`]
    const below = transport === 'tls' ? ['-d', `tcp.port==${sipPort},tls`] : []
    this.#decoding = [...keys, ...below, '-d', `${transport}.port==${sipPort},sip`]
  }

  async started(): Promise<void> {
    await this.#program.waitFor(/Capture started/, 10_000)
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGINT')
  }

  forget(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** How many packets pass a display filter. RTP is found by the SDP that announces it. */
  count(displayFilter: string): number {
    return this.#read(displayFilter, ['frame.number']).length
  }

  /** When each packet that passes was seen, seconds. */
  times(displayFilter: string): number[] {
    return this.#read(displayFilter, ['frame.time_epoch']).map(([time]) => Number(time))
  }

  /** The payloads of the RTP packets that pass, one after the other. */
  payload(displayFilter: string): Uint8Array {
    const rows = this.#read(`rtp && (${displayFilter})`, ['rtp.payload'])
    return Buffer.concat(rows.map(([hex = '']) => Buffer.from(hex.replaceAll(':', ''), 'hex')))
  }

  /** Malformed packets, and whatever is rated warning or error. Notes and chats are remarks, not complaints. */
  complaints(displayFilter?: string): Complaint[] {
    const bad = '(_ws.malformed || _ws.expert.severity >= 0x00600000)'
    const filter = displayFilter === undefined ? bad : `${bad} && (${displayFilter})`
    const rows = this.#read(filter, ['frame.number', 'frame.protocols', '_ws.expert.message', '_ws.malformed'])
    return rows.map(([frame = '', protocols = '', ...rest]) => ({ frame, protocols, complaint: rest.join(' ') }))
  }

  get #file(): string {
    return join(this.#folder, 'call.pcapng')
  }

  #read(displayFilter: string, fields: readonly string[]): string[][] {
    const shown = fields.flatMap((field) => ['-e', field])
    const args = ['-r', this.#file, ...this.#decoding, '-Y', displayFilter, '-T', 'fields', ...shown]
    const text = execFileSync('tshark', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    })
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
  }
}
