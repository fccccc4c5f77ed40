import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIMIT_MS = 8_000

/** Dials where nobody is and hangs up before anything opens. */
const script = `
  import { iceConnector } from './src/relay/ice-transport.ts'
  import { candidate } from './test/relay/candidate.ts'
  const connect = iceConnector({ localAddress: '127.0.0.1', dtlsFingerprint: undefined })
  await connect(candidate(), { address: '127.0.0.1', port: 9 }).close()
  console.log('closed')
`

it('a relay that was given up before it opened does not keep the process alive', async () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: LIMIT_MS })
  expect(stdout).toContain('closed')
})
