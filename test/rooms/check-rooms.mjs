// The one-way imports between rooms (src/README.md), checked on the real module graph.
import { cruise } from 'dependency-cruiser'

/** Which rooms a room may import besides itself. `gateway` is src/gateway.ts. */
const MAY_IMPORT = {
  base: [],
  config: ['base'],
  net: ['base'],
  media: ['base'],
  sip: ['base', 'net'],
  whatsapp: ['base', 'net'],
  relay: ['base', 'net'],
  bridge: ['base', 'net', 'media', 'sip', 'whatsapp', 'relay'],
  ops: ['base', 'bridge'],
  sim: ['base', 'net', 'media', 'whatsapp', 'relay'],
  gateway: ['base', 'config', 'net', 'media', 'sip', 'whatsapp', 'relay', 'bridge', 'ops'],
  cli: ['base', 'config', 'net', 'media', 'sip', 'whatsapp', 'relay', 'bridge', 'ops', 'sim', 'gateway'],
}

/** Of these two rooms the simulator may use the wire forms only. */
const SIM_WIRE_FORMS = '^src/(whatsapp/(stanza/|wa-client\\.ts|numbers/)|relay/)'

/** Fewer modules than this and the cruiser did not see the code (TypeScript without a JS API gives 0 and no error). */
const LEAST_MODULES = 60

const pathOf = (room) => (room === 'gateway' ? '^src/gateway(\\.ts$|/)' : `^src/${room}/`)
const others = (room) =>
  Object.keys(MAY_IMPORT)
    .filter((other) => other !== room && !MAY_IMPORT[room].includes(other))
    .map(pathOf)
    .join('|')

const forbidden = [
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  { name: 'known-room', severity: 'error', from: { path: '^src/[^/]+\\.ts$', pathNot: '^src/gateway\\.ts$' }, to: {} },
  {
    name: 'codecs-stand-alone',
    severity: 'error',
    from: { path: '^src/media/codecs/' },
    to: { path: '^src/', pathNot: '^src/media/codecs/' },
  },
  {
    name: 'sockets-only-in-net',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(net|sim)/' },
    to: { path: '^(node:)?(dgram|net|tls)$' },
  },
  {
    name: 'sim-wire-forms-only',
    severity: 'error',
    from: { path: '^src/sim/' },
    to: { path: '^src/(whatsapp|relay)/', pathNot: SIM_WIRE_FORMS },
  },
  { name: 'src-knows-no-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|\\.\\./shared)/' } },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^src/.*\\.d\\.ts$' } },
  // A room that may import all others needs no rule: an empty pattern would match everything.
  ...Object.keys(MAY_IMPORT)
    .filter((room) => others(room) !== '')
    .map((room) => ({
      name: `room-${room}`,
      severity: 'error',
      from: { path: pathOf(room) },
      to: { path: others(room) },
    })),
]

const { output } = await cruise(['src'], {
  ruleSet: { forbidden },
  validate: true,
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  enhancedResolveOptions: {
    extensions: ['.ts', '.js', '.json'],
    exportsFields: ['exports'],
    conditionNames: ['import'],
  },
})

const modules = output.modules.filter((module) => module.source.startsWith('src/'))
for (const { rule, from, to } of output.summary.violations) console.error(`${rule.name}: ${from} → ${to}`)
const unseen = Object.keys(MAY_IMPORT).filter((room) => !modules.some((m) => new RegExp(pathOf(room)).test(m.source)))
if (unseen.length > 0) console.error(`rooms without a module: ${unseen.join(', ')}`)
if (modules.length < LEAST_MODULES)
  console.error(`only ${modules.length} modules seen, at least ${LEAST_MODULES} expected`)
const failed = output.summary.violations.length > 0 || unseen.length > 0 || modules.length < LEAST_MODULES
console.log(`rooms: ${modules.length} modules, ${output.summary.violations.length} violations`)
process.exit(failed ? 1 : 0)
