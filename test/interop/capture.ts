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

/** tshark on the loopback interface; needs root. Who starts it calls `stop` and, in the end, `forget`. */
export class Capture {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-capture-'))
  readonly #program: Program

  /** `filter` in the language of libpcap. */
  constructor(filter: string) {
    this.#program = new Program('tshark', ['-i', 'lo', '-f', filter, '-w', this.#file])
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

  /** How many packets pass a display filter. RTP is found by the SDP that announces it, `sipPort` is told. */
  count(displayFilter: string, sipPort: number): number {
    return this.#read(sipPort, displayFilter, ['frame.number']).length
  }

  /** Malformed packets, and whatever is rated warning or error. Notes and chats are remarks, not complaints. */
  complaints(sipPort: number): Complaint[] {
    const bad = '_ws.malformed || _ws.expert.severity >= 0x00600000'
    const rows = this.#read(sipPort, bad, ['frame.number', 'frame.protocols', '_ws.expert.message', '_ws.malformed'])
    return rows.map(([frame = '', protocols = '', ...rest]) => ({ frame, protocols, complaint: rest.join(' ') }))
  }

  get #file(): string {
    return join(this.#folder, 'call.pcapng')
  }

  #read(sipPort: number, displayFilter: string, fields: readonly string[]): string[][] {
    const shown = fields.flatMap((field) => ['-e', field])
    const args = ['-r', this.#file, '-d', `udp.port==${sipPort},sip`, '-Y', displayFilter, '-T', 'fields', ...shown]
    const text = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
  }
}
