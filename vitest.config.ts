import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], testTimeout = 10_000) => ({
  test: { name, include, testTimeout, pool: 'forks' as const },
})

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', ['test/{base,config,net,sip,whatsapp,relay,media,bridge,ops,sim,cli,rooms,docs}/**/*.test.ts']),
      project('contract', ['test/contract/**/*.test.ts']),
      project('conformance', ['test/vectors/**/*.test.ts'], 120_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 120_000),
    ],
  },
})
