import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { STUN_ATTRIBUTE, STUN_TYPE } from '../../src/relay/stun.ts'
import type { WireForm } from './wire-form.ts'
import { WIRE_FORMS } from './wire-forms.ts'
import { vectorsNote, withoutBytes } from './wire-forms-note.ts'

const here = dirname(fileURLToPath(import.meta.url))
const source = (path: string) => readFileSync(join(here, '../../src', path), 'utf8')

/** Of `it`, `test` and `describe`, also of `it.each(…)`: what stands before a function. */
function titlesIn(file: string): string[] {
  return [...readFileSync(join(here, file), 'utf8').matchAll(/\(\s*(['`])(.+?)\1,\s*(?:async )?\(/g)].map(
    ([, , title = '']) => title,
  )
}

/** The functions of these files that make or read what is on the wire. */
function formsOf(files: readonly string[], prefix: RegExp): string[] {
  const functions = files.flatMap((file) => [...source(file).matchAll(/^export (?:async )?function (\w+)/gm)])
  return functions.map(([, name = '']) => name).filter((name) => prefix.test(name))
}

describe('a form', () => {
  it.each(WIRE_FORMS)('$family: $form is pinned as stated', ({ pinned, test, code = [] }) => {
    // What a library writes is seen wherever the library is used.
    if (pinned !== 'library') expect(test !== undefined).toBe(pinned !== 'none')
    if (!test) return
    const [file, title] = test
    expect(existsSync(join(here, file))).toBe(true)
    expect(titlesIn(file)).toContain(title)
    const text = readFileSync(join(here, file), 'utf8')
    for (const name of code.filter((known) => !SEEN_IN_BYTES.has(known))) expect(text).toContain(name)
  })

  it('stands once in the list', () => {
    const names = WIRE_FORMS.map(({ family, form }) => `${family} ${form}`)
    expect(names).toHaveLength(new Set(names).size)
  })
})

/** Inside a message that is equal byte for byte, and named nowhere in its test. */
const SEEN_IN_BYTES = new Set(['STUN_ATTRIBUTE.messageIntegrity', 'STUN_ATTRIBUTE.fingerprint'])

describe('a row has', () => {
  const stanzas = readdirSync(join(here, '../../src/whatsapp/stanza')).map((file) => `whatsapp/stanza/${file}`)
  const named = new Set(WIRE_FORMS.flatMap(({ code = [] }) => code))

  it.each([
    ['builder and parser of stanzas', formsOf(stanzas, /^(build|parse)/)],
    ['protobuf message of the relays', formsOf(['relay/stream-descriptors.ts'], /^encode/)],
    ['packet of RTCP that only WhatsApp has', formsOf(['media/rtp/rtcp-packet.ts'], /^buildWarp/)],
    ['type of STUN', Object.keys(STUN_TYPE).map((name) => `STUN_TYPE.${name}`)],
    ['attribute of STUN', Object.keys(STUN_ATTRIBUTE).map((name) => `STUN_ATTRIBUTE.${name}`)],
  ])('every %s', (_, forms) => {
    expect(forms.length).toBeGreaterThan(1)
    expect(forms.filter((form) => !named.has(form))).toEqual([])
  })
})

it('docs/protocol/vectors.md says so (npm run conformance -- wire-forms -u writes it)', async () => {
  await expect(vectorsNote(WIRE_FORMS)).toMatchFileSnapshot('../../docs/protocol/vectors.md')
})

afterAll(() => {
  const width = Math.max(...WIRE_FORMS.map(({ form }) => form.length))
  const row = ({ family, form, pinned, origin }: WireForm) =>
    `${family.padEnd(9)}  ${form.padEnd(width)}  ${pinned.padEnd(7)}  ${origin}`
  const bare = withoutBytes(WIRE_FORMS).map(({ family, form, pinned }) => `  ${pinned.padEnd(7)}  ${family}: ${form}`)
  console.log(
    ['Forms on the wire, and what pins them', ...WIRE_FORMS.map(row), '', 'No byte vector:', ...bare].join('\n'),
  )
})
