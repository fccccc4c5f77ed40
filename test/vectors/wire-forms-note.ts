import type { WireForm } from './wire-form.ts'

const MEANING: Readonly<Record<Exclude<WireForm['pinned'], 'bytes'>, string>> = {
  parts: 'each part is equal bit for bit to a vector; the whole has none',
  facts:
    'of stanzas there are no bytes, since the client library encodes them: names, orders and values that the unit tests of a ' +
    'public implementation state (`test/vectors/stanza-facts.ts`, with repository and commit)',
  library: 'written or read by a library that many use',
  names:
    "every word is in the dictionary of WhatsApp's binary encoding, which gives a number to what its clients say; which children " +
    'and values go with it is from reading',
  none: 'from reading alone',
}

export const withoutBytes = (forms: readonly WireForm[]) => forms.filter(({ pinned }) => pinned !== 'bytes')

/** docs/protocol/vectors.md, whole. */
export function vectorsNote(forms: readonly WireForm[]): string {
  const bytes = forms.filter(({ pinned }) => pinned === 'bytes')
  const list = (some: readonly WireForm[]) => some.map(({ family, form, origin }) => `- ${family}: ${form} (${origin})`)
  const bare = Object.entries(MEANING).flatMap(([pinned, meaning]) => [
    '',
    `*${pinned}*: ${meaning}.`,
    '',
    ...list(forms.filter((form) => form.pinned === pinned)),
  ])
  return `${[
    '# What pins the forms on the wire',
    '',
    'Every form that Tandem sends to WhatsApp or reads from it, with the origin of what pins it. The list is `test/vectors/wire-forms.ts` with `{stun,media,stanza}-forms.ts`, which',
    '`npm run conformance` prints and holds against the code: every builder and parser of stanzas, every type and attribute of STUN has a row, and every',
    'row names its test. This file is written by `npm run conformance -- wire-forms -u`.',
    '',
    `## Equal bit for bit to a vector that our code did not make (${bytes.length} of ${forms.length})`,
    '',
    ...list(bytes),
    '',
    `## No byte vector (${forms.length - bytes.length})`,
    '',
    'What is *names* or *none* only a live session can show.',
    ...bare,
  ].join('\n')}\n`
}
