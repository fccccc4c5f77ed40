import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], testTimeout = 10_000) => ({
  test: { name, include, testTimeout, hookTimeout: 30_000, pool: 'forks' as const },
})

const withTest = <P extends { test: object }, M extends object>(base: P, more: M) => ({
  ...base,
  test: { ...base.test, ...more },
})

const vectors = process.env.TANDEM_VECTORS ?? '../shared/vectors'
const asked = process.argv.some((argument) => argument.includes('conformance'))
const projects = [
  project('unit', [
    'test/{base,config,net,sip,whatsapp,relay,media,bridge,ops,gateway,sim,cli,rooms,docs}/**/*.test.ts',
  ]),
  project('contract', ['test/contract/**/*.test.ts']),
  // Last and one after the other: they listen to calls in real time (docs/decisions/0008-real-calls-in-tests.md).
  withTest(project('e2e', ['test/e2e/**/*.test.ts'], 60_000), {
    setupFiles: ['test/e2e/setup.ts'],
    sequence: { groupOrder: 1 },
    maxWorkers: 1,
  }),
]
// Asked for by name, the vector tests run and fail when there are no vectors; a bare `npm test` only says so.
if (asked || existsSync(vectors)) projects.push(project('conformance', ['test/vectors/**/*.test.ts'], 120_000))
else console.warn(`conformance: NOT RUN, no vectors at ${vectors} (set TANDEM_VECTORS)`)
// Needs programs from Debian (test/interop/setup), so only `npm run test:interop` runs it.
if (process.argv.some((argument) => argument.includes('interop'))) {
  projects.push(project('interop', ['test/interop/**/*.test.ts'], 300_000))
}

export default defineConfig({ test: { maxWorkers: 2, projects } })
