import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ALL_CAUSES, sipCause } from '../../src/bridge/mapping/causes.ts'

/** `| cause | SIP | Q.850 | what happened |` of the section "Causes". */
const rows = [...sectionOf('Causes').matchAll(/^\| ([a-z-]+) \| (BYE|\d{3}) \| (\d+) \|/gm)].map(
  ([, cause = '', sip = '', q850 = '']) => ({ cause, sip, q850: Number(q850) }),
)

describe('the manual’s table of causes', () => {
  it('has every cause once, and no other', () => {
    expect(rows.map(({ cause }) => cause).sort()).toEqual([...ALL_CAUSES].sort())
  })

  it.each(rows)('$cause: $sip, $q850', ({ cause, sip, q850 }) => {
    const known = ALL_CAUSES.find((candidate) => candidate === cause)
    expect(known).toBeDefined()
    const told = sipCause(known ?? 'internal-error')
    expect(told.q850).toBe(q850)
    // A cause that only ends answered calls is told by BYE.
    if (sip !== 'BYE') expect(told.status).toBe(Number(sip))
  })
})

function sectionOf(title: string): string {
  const manual = readFileSync('docs/manual.md', 'utf8')
  return manual.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? ''
}
