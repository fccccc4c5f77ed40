import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CallerPlacement, Party } from '../../src/sip/sip-engine.ts'
import { Dialogue } from './dialogue.ts'
import { OFFER } from './pair.ts'

async function callWith(extra: readonly string[]) {
  const { session } = await (await Dialogue.start()).invite({ extra })
  return session
}

describe('who calls, as a trunk says it', () => {
  test.each([
    ['From alone', [], '200', false],
    ['P-Asserted-Identity', ['P-Asserted-Identity: "Ann" <sip:+4930123@pbx>'], '+4930123', false],
    ['a tel URI', ['P-Asserted-Identity: <tel:+4930123>'], '+4930123', false],
    ['two identities', ['P-Asserted-Identity: <sip:1@pbx>, <tel:+2>'], '1', false],
    ['Remote-Party-ID', ['Remote-Party-ID: "Ann" <sip:77@pbx>;party=calling;screen=yes;privacy=off'], '77', false],
    ['both', ['Remote-Party-ID: <sip:77@pbx>', 'P-Asserted-Identity: <sip:88@pbx>'], '88', false],
    ['Privacy: id', ['P-Asserted-Identity: <sip:88@pbx>', 'Privacy: id'], '88', true],
    ['Privacy: user;critical', ['Privacy: user;critical'], '200', true],
    ['Privacy: none', ['Privacy: none'], '200', false],
    ['privacy=full', ['Remote-Party-ID: <sip:77@pbx>;privacy=full'], '77', true],
    ['what cannot be read', ['P-Asserted-Identity: <sip:', 'Remote-Party-ID: "x'], '200', false],
  ])('%s', async (_, extra, user, isPrivate) => {
    expect((await callWith(extra)).caller).toMatchObject({ party: { user }, isPrivate })
  })

  test('an anonymous From is private', async () => {
    const { session } = await (await Dialogue.start()).invite({ user: 'anonymous' })
    expect(session.caller).toMatchObject({ isPrivate: true })
  })

  test('whoever asserts an identity without being a trunk is challenged', async () => {
    const { gatekept } = await phone(['P-Asserted-Identity: <sip:0@pbx>', 'Diversion: <sip:300@pbx>'])
    expect(gatekept).toEqual([401])
  })

  test.each([
    [
      'Diversion, the last one first',
      ['Diversion: "B" <sip:301@pbx>;reason=user-busy, <sip:300@pbx>'],
      '301',
      'user-busy',
    ],
    ['Diversion in quotes', ['Diversion: <sip:301@pbx>;reason="no-answer";counter=1'], '301', 'no-answer'],
    [
      'History-Info',
      ['History-Info: <sip:301@pbx?Reason=SIP%3Bcause%3D302>;index=1, <sip:100@10.0.0.2>;index=1.1'],
      '301',
      '302',
    ],
  ])('%s', async (_, extra, user, reason) => {
    expect((await callWith(extra)).divertedBy).toMatchObject({ party: { user }, reason })
  })

  test.each([
    ['nothing', []],
    ['one entry is no diversion', ['History-Info: <sip:100@10.0.0.2>;index=1']],
    ['what cannot be read', ['Diversion: <<<', 'History-Info: ,"']],
  ])('no diversion: %s', async (_, extra) => {
    expect((await callWith(extra)).divertedBy).toBeUndefined()
  })
})

async function phone(extra: readonly string[]) {
  const dialogue = await Dialogue.start({ staticTrunks: [], users: [{ username: '200', password: 'x' }] })
  return { gatekept: await dialogue.exchange('INVITE', { extra }, OFFER) }
}

async function inviteOf(placement: CallerPlacement | undefined, caller: Party) {
  const trunk = {
    name: 'wa',
    networks: ['10.0.0.0/24'],
    target: '10.0.0.9',
    ...(placement && { callerPlacement: placement }),
  }
  const dialogue = await Dialogue.start({ staticTrunks: [trunk] })
  dialogue.pair.bob.invite({ kind: 'trunk', trunk: 'wa', user: '300' }, { caller, offer: () => OFFER })
  await dialogue.advance(1)
  return dialogue.peer.requests('INVITE')[0]!
}

describe('who calls, as we say it', () => {
  const ANN = { user: '4917012345678', displayName: 'Ann "A" \\ B' }
  const QUOTED = '"Ann \\"A\\" \\\\ B"'

  test.each([
    ['asserted', `${QUOTED} <sip:wa@10.0.0.9>`, 'P-Asserted-Identity', `${QUOTED} <sip:4917012345678@10.0.0.9>`],
    [
      'remote-party-id',
      `${QUOTED} <sip:wa@10.0.0.9>`,
      'Remote-Party-ID',
      `${QUOTED} <sip:4917012345678@10.0.0.9>;party=calling;screen=yes;privacy=off`,
    ],
    ['from', `${QUOTED} <sip:4917012345678@10.0.0.2>`, 'P-Asserted-Identity', undefined],
  ] as const)('%s', async (placement, from, name, value) => {
    const { headers } = await inviteOf(placement, ANN)
    expect(headers.get('From')!.replace(/;tag=.*/, '')).toBe(from)
    expect(headers.get(name)).toBe(value)
    expect(headers.has('Privacy')).toBe(false)
  })

  test.each([
    ['asserted', 'sip:wa@10.0.0.9'],
    ['remote-party-id', 'sip:wa@10.0.0.9'],
    ['from', 'sip:anonymous@anonymous.invalid'],
  ] as const)('withheld, placed %s', async (placement, from) => {
    const { headers } = await inviteOf(placement, { user: '' })
    expect(headers.get('From')).toContain(`"Anonymous" <${from}>`)
    expect(headers.get('Privacy')).toBe('id')
    expect(headers.has('P-Asserted-Identity')).toBe(false)
    if (placement === 'remote-party-id') expect(headers.get('Remote-Party-ID')).toContain('privacy=full')
  })

  test('no name can add a header, and every name comes back as it was but for control characters', async () => {
    const trunk = { name: 'wa', networks: ['10.0.0.0/24'], target: '10.0.0.9', callerPlacement: 'asserted' } as const
    const dialogue = await Dialogue.start({ staticTrunks: [trunk] })
    const name = fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('x\r\nEvil: 1', '\0', '"', '\\', 'Ä <sip:x>'))
    await fc.assert(
      fc.asyncProperty(name, async (displayName) => {
        dialogue.pair.bob.invite(
          { kind: 'trunk', trunk: 'wa', user: '300' },
          { caller: { user: '1', displayName }, offer: () => OFFER, headers: [{ name: 'X-Name', value: displayName }] },
        )
        await dialogue.advance(1)
        const { headers, from } = dialogue.peer.requests('INVITE').at(-1)!
        expect(headers.has('Evil')).toBe(false)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be gone
        expect(from.displayName ?? '').toBe(displayName.replace(/[\x00-\x1f\x7f]/g, ' '))
      }),
      { numRuns: 60 },
    )
  })
})
