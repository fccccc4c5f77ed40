// Compiles the MLow kernels and writes them as base64 into a module, so that nobody needs the compiler to run them.
// `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { main as compile } from 'assemblyscript/asc'

const source = 'src/media/codecs/mlow/assembly/kernels.ts'
const target = 'src/media/codecs/mlow/tables/kernels-binary.ts'
const output = 'kernels.wasm'

process.chdir(resolve(import.meta.dirname, '..'))
let binary = Buffer.alloc(0)
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
const { error, stderr } = await compile([source, '--outFile', output, ...options], {
  writeFile(name, contents) {
    if (name.endsWith(output)) binary = Buffer.from(contents)
  },
})
if (error) throw new Error(`${error.message}\n${stderr.toString()}`)

const text = `// Compiled from assembly/kernels.ts by \`npm run build:kernels\`. Do not edit.

export const kernelsBase64 = \`
${binary.toString('base64').replace(/.{150}/g, '$&\n')}
\`
`
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    throw new Error('the compiled kernels are not those of the source: run npm run build:kernels')
  }
} else writeFileSync(target, text)
