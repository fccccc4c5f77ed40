import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { getPriority } from 'node:os'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'

const RAISE = `
  import { getPriority } from 'node:os'
  import { existsSync, readFileSync } from 'node:fs'
  import { raisePriority } from '${new URL('../../src/cli/priority.ts', import.meta.url).href}'
  const session = () => existsSync('/proc/self/autogroup') ? readFileSync('/proc/self/autogroup', 'utf8') : ''
  const before = session()
  const isRaised = raisePriority()
  console.log(JSON.stringify({ isRaised, priority: getPriority(), before, after: session() }))
`

/** In a session of its own, so that nobody else's rank changes. */
async function raised() {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', RAISE], { detached: true })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  expect(err).toBe('')
  return JSON.parse(out) as { isRaised: boolean; priority: number; before: string; after: string }
}

describe('the priority of a process with media', () => {
  it('is raised where the system lets us, and said to be so only then', async () => {
    const { isRaised, priority } = await raised()
    expect(priority).toBe(isRaised ? -20 : getPriority())
  })

  it.runIf(existsSync('/proc/self/autogroup'))('so is its session, where Linux shares by sessions', async () => {
    const { isRaised, before, after } = await raised()
    expect(before).toMatch(/nice 0\n$/)
    expect(after).toMatch(isRaised ? /nice -20\n$/ : /nice 0\n$/)
  })
})
