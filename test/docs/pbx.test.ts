import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'

const FOLDER = 'docs/pbx'
const recipes = readdirSync(FOLDER)

/** The contents of the recipe's fenced blocks of that language. */
function blocksOf(file: string, language: string): string[] {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]!)
}

/** Every `env:NAME` of the text, set to something. */
const secretsIn = (text: string) => Object.fromEntries([...text.matchAll(/env:(\w+)/g)].map(([, name]) => [name!, 'x']))

it('there is a recipe for each PBX that the manual names', () => {
  expect(recipes.sort()).toEqual(['3cx.md', 'asterisk.md', 'freepbx.md', 'freeswitch.md', 'kamailio.md'])
  const manual = readFileSync('docs/manual.md', 'utf8')
  for (const recipe of recipes) expect(manual).toContain(`](pbx/${recipe})`)
})

describe.each(recipes)('%s', (file) => {
  it('has configurations of ours that are valid, make a trunk and route calls to it', () => {
    const blocks = blocksOf(file, 'yaml')
    expect(blocks.length).toBeGreaterThan(0)
    for (const block of blocks) {
      const { sip, routing } = parseConfig(block, file, secretsIn(block))
      expect(sip.trunks.length + sip.registrations.length + sip.users.length).toBe(1)
      expect(routing.inbound).toHaveLength(1)
    }
  })

  it('speaks of the same addresses on both sides', () => {
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8')
    const others = blocksOf(file, '(?:ini|xml)?').join('\n')
    for (const address of others.match(/192\.0\.2\.\d+/g) ?? []) {
      expect(text.split('```')[0]).toContain(address.replace('192.0.2.21', '.21'))
    }
  })

  it('has no line of more than 160 characters outside of blocks', () => {
    const prose = readFileSync(`${FOLDER}/${file}`, 'utf8').replace(/^```[\s\S]*?^```$/gm, '')
    expect(prose.split('\n').filter((line) => line.length > 160)).toEqual([])
  })
})
