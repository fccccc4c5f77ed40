// Compiles the MLow modules and writes each as base64 into a module, so that nobody needs the compiler to run them.
// `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { main as compile } from 'assemblyscript/asc'

const folder = 'src/media/codecs/mlow'
const output = 'module.wasm'
const modules = [
  { source: 'assembly/kernels/kernels.ts', target: 'tables/kernels-binary.ts', name: 'kernelsBase64', pages: 16 },
  // The page is laid out by hand; what data the compiler has of its own would come after it.
  {
    source: 'assembly/rendering/rendering.ts',
    target: 'tables/rendering-binary.ts',
    name: 'renderingBase64',
    pages: 1,
    options: ['--memoryBase', '65536'],
  },
]

process.chdir(resolve(import.meta.dirname, '..', folder))
for (const module of modules) {
  const text = moduleText(module, await compiled(module))
  if (!process.argv.includes('--check')) writeFileSync(module.target, text)
  else if (readFileSync(module.target, 'utf8') !== text) {
    throw new Error(`${module.target} is not what ${module.source} compiles to: run npm run build:kernels`)
  }
}

async function compiled({ source, pages, options = [] }) {
  const memory = ['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`]
  const mode = ['-O3', '--noAssert', '--enable', 'simd', '--runtime', 'stub']
  let binary = Buffer.alloc(0)
  const { error, stderr } = await compile([source, '--outFile', output, ...mode, ...memory, ...options], {
    writeFile(name, contents) {
      if (name.endsWith(output)) binary = Buffer.from(contents)
    },
  })
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`)
  return binary
}

function moduleText({ source, name }, binary) {
  return `// Compiled from ${source} by \`npm run build:kernels\`. Do not edit.

export const ${name} = \`
${binary.toString('base64').replace(/.{150}/g, '$&\n')}
\`
`
}
