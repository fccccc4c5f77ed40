import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The fourteen ways in which Asterisk was seen to behave as a trunk peer: each has a test that says its number. */

const POINTS: Readonly<Record<number, string>> = {
  1: 'knows a trunk by the user in From',
  2: 'challenges every REGISTER and INVITE, nonces live 32 s',
  3: 'OPTIONS before the 200 to REGISTER, un-REGISTER on shutdown',
  4: 'number@registered-contact, its Supported, anonymous@anonymous.invalid',
  5: 'Opus 107, two telephone-events, another codec in mid-call, SDES',
  6: '183 is only sure with 100rel, which it may require',
  7: 'session timer: Require, refresher, 422, none unless asked for',
  8: 'connected line by UPDATE or by an unchanged re-INVITE',
  9: 'hold without signalling, or by re-INVITE',
  10: 'direct media 2 ms after the ACK, on hold, just before BYE',
  11: 'SSRC changes; no RTP while silent, a report every 5 s',
  12: 'Transfer in the dialplan: REFER, even `Refer-To: 600`',
  13: 'Reason: Q.850 with causes 0 and 127',
  14: 'INVITE and re-INVITE without SDP',
}

const FILES = ['../sip/pbx.test.ts', '../bridge/asterisk.test.ts']

test.each(Object.entries(POINTS))('point %s, %s, has a test', (point) => {
  const names = FILES.flatMap((file) => [
    ...readFileSync(new URL(file, import.meta.url), 'utf8').matchAll(/\bpoint (\d+):/g),
  ])
  expect(names.map(([, number]) => number)).toContain(point)
})
