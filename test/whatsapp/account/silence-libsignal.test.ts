import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('./leaky-session.ts', import.meta.url))

async function outputOf(mode: 'silenced' | 'plain'): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, mode])
  return stdout + stderr
}

describe('libsignal on the console', () => {
  it('prints the private keys of a session when nobody stops it', async () => {
    expect(await outputOf('plain')).toMatch(/Closing session:.*currentRatchet.*privKey.*rootKey/s)
  }, 30_000)

  it('prints nothing of its sessions when the client is imported, and our own lines stay', async () => {
    const output = await outputOf('silenced')
    expect(output).not.toMatch(/privKey|rootKey|currentRatchet|Closing session:$|<Buffer/m)
    expect(output).toBe(
      "first line of ours\nClosing session: of a different kind { ours: true }\n{ last: 'line of ours' }\n",
    )
  }, 30_000)
})
