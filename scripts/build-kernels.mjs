// Compiles the MLow kernels and writes them as base64 into a module, so that nobody needs the compiler to run them.
// `--check` compares instead of writing.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const source = join(root, 'src/media/codecs/mlow/assembly/kernels.ts')
const target = join(root, 'src/media/codecs/mlow/tables/kernels-binary.ts')

const folder = mkdtempSync(join(tmpdir(), 'mlow-kernels-'))
const binary = join(folder, 'kernels.wasm')
const options = [
  '-O3',
  '--noAssert',
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '--initialMemory',
  '16',
  '--maximumMemory',
  '16',
]
execFileSync(join(root, 'node_modules/.bin/asc'), [source, '--outFile', binary, ...options], { stdio: 'inherit' })
const base64 = readFileSync(binary)
  .toString('base64')
  .replace(/.{150}/g, '$&\n')
rmSync(folder, { recursive: true })

const text = `// Compiled from assembly/kernels.ts by \`npm run build:kernels\`. Do not edit.

export const kernelsBase64 = \`
${base64}
\`
`
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    throw new Error('the compiled kernels are not those of the source: run npm run build:kernels')
  }
} else writeFileSync(target, text)
