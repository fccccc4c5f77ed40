import { expect, it } from 'vitest'
import type { BridgeStatus } from '../../src/bridge/status.ts'
import { Metrics } from '../../src/ops/metrics.ts'

const status: BridgeStatus = {
  state: 'running',
  activeCalls: 0,
  accounts: [
    {
      name: 'main',
      state: 'open',
      isReady: false,
      activeCalls: 0,
      maxCalls: 1,
      dials: { lastMinute: 1, lastHour: 2, lastDay: 3, strangersLastDay: 4 },
      restrictedForS: 0,
      strangersRestrictedForS: 600,
    },
  ],
  trunks: [],
}

it('whether an account can make calls, what it has dialled, and how long it is restricted, can be scraped', async () => {
  const text = await new Metrics(() => status).text()
  const values = Object.fromEntries([...text.matchAll(/^(tandem_account_\S+) (\d+)$/gm)].map(([, k, v]) => [k, v]))
  expect(values).toEqual({
    'tandem_account_ready{account="main"}': '0',
    'tandem_account_dials{account="main",what="minute"}': '1',
    'tandem_account_dials{account="main",what="hour"}': '2',
    'tandem_account_dials{account="main",what="day"}': '3',
    'tandem_account_dials{account="main",what="strangers"}': '4',
    'tandem_account_restricted_seconds{account="main",whom="everyone"}': '0',
    'tandem_account_restricted_seconds{account="main",whom="strangers"}': '600',
  })
})
