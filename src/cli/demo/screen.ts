import { cast } from '../../sim/cast.ts'
import type { DemoHouse } from './demo-house.ts'
import { UNKNOWN_NUMBER } from './self-test.ts'

/** What a person needs to know to try it: the account for a softphone, and whom to dial. */
export function demoScreen({ sipAccount }: DemoHouse): string {
  const { username, password, host, port } = sipAccount
  const rows = cast.map(({ number, name, does }) => ({ number, name, does }))
  rows.push({ number: UNKNOWN_NUMBER, name: 'unknown', does: 'is not on WhatsApp: 404' })
  return [
    '',
    '  Tandem demo: a gateway, and a WhatsApp network of its own. Nothing leaves this machine.',
    '',
    '  Register a softphone (UDP):',
    `    server    ${host}:${port}`,
    `    user      ${username}`,
    `    password  ${password}`,
    '',
    '  Dial:',
    ...rows.map(({ number, name, does }) => `    +${number}  ${name.padEnd(14)} ${does}`),
    '',
    '  Ctrl-C ends it.',
    '',
  ].join('\n')
}
