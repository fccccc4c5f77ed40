import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { WIRE_FORMS, type WireForm } from './wire-forms.ts'

const here = dirname(fileURLToPath(import.meta.url))
const withoutVector = ({ pinned }: WireForm) => pinned === 'none' || pinned === 'names'

it.each(WIRE_FORMS)('$family: $form is pinned as stated', ({ pinned, test }) => {
  // What a library writes is seen wherever the library is used.
  if (pinned !== 'library') expect(test !== undefined).toBe(pinned !== 'none')
  if (!test) return
  const [file, word] = test
  expect(existsSync(join(here, file))).toBe(true)
  expect(readFileSync(join(here, file), 'utf8')).toContain(word)
})

it('the list of forms without a vector is the one in docs/protocol/vectors.md', () => {
  const note = readFileSync(join(here, '../../docs/protocol/vectors.md'), 'utf8')
  const listed = [...note.matchAll(/^- (\w+): (.+)$/gm)].map(([, family, form]) => `${family}: ${form}`)
  expect(listed).toEqual(WIRE_FORMS.filter(withoutVector).map(({ family, form }) => `${family}: ${form}`))
})

afterAll(() => {
  const width = Math.max(...WIRE_FORMS.map(({ form }) => form.length))
  const row = ({ family, form, pinned, origin }: WireForm) =>
    `${family.padEnd(9)}  ${form.padEnd(width)}  ${pinned.padEnd(7)}  ${origin}`
  const bare = WIRE_FORMS.filter(withoutVector).map(({ family, form }) => `  ${family}: ${form}`)
  console.log(
    ['Forms on the wire, and what pins them', ...WIRE_FORMS.map(row), '', 'Without a vector:', ...bare].join('\n'),
  )
})
