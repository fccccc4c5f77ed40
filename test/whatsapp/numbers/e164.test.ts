import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/base/errors.ts'
import { NumberNormalizer } from '../../../src/whatsapp/numbers/e164.ts'
import {
  ALL_EMERGENCY_NUMBERS,
  EMERGENCY_NUMBERS,
  UNIVERSAL_EMERGENCY_NUMBERS,
} from '../../../src/whatsapp/numbers/emergency-numbers.ts'

const german = new NumberNormalizer({ defaultCountryCode: '49' })
const american = new NumberNormalizer({
  defaultCountryCode: '1',
  internationalPrefix: '011',
  nationalPrefix: '1',
  bareDigits: 'national',
})
const italian = new NumberNormalizer({ defaultCountryCode: '39', nationalPrefix: '', bareDigits: 'national' })
const stateless = new NumberNormalizer()

const shown = (normalizer: NumberNormalizer, dialled: string) => {
  const result = normalizer.normalize(dialled)
  return result.kind === 'e164' ? `+${result.digits}` : result.reason
}

describe('E.164 normaliser', () => {
  it.each([
    ['+4915112345678', '+4915112345678'],
    ['004915112345678', '+4915112345678'],
    ['015112345678', '+4915112345678'],
    ['4915112345678', '+4915112345678'],
    ['+49 (0) 151 / 123-456.78', '+4915112345678'],
    ['tel:+49-151-12345678', '+4915112345678'],
    ['tel:15112345678;phone-context=+49', '+4915112345678'],
    ['sip:+4915112345678@pbx.example;user=phone', '+4915112345678'],
    ['SIPS:%2B4915112345678@pbx.example', '+4915112345678'],
    ['+4915112345678;user=phone', '+4915112345678'],
    ['0012125550123', '+12125550123'],
  ])('in Germany %s is %s', (dialled, expected) => {
    expect(shown(german, dialled)).toBe(expected)
  })

  it.each([
    ['2125550123', '+12125550123'],
    ['12125550123', '+12125550123'],
    ['0114915112345678', '+4915112345678'],
  ])('in America %s is %s', (dialled, expected) => {
    expect(shown(american, dialled)).toBe(expected)
  })

  it('keeps the leading zero of Italian numbers', () => {
    expect(shown(italian, '0612345678')).toBe('+390612345678')
  })

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['+', 'empty'],
    ['alice', 'not-a-number'],
    ['*43', 'not-a-number'],
    ['++4915112345678', 'not-a-number'],
    ['%zz', 'not-a-number'],
    ['+0151123456', 'not-a-number'],
    ['+4915112345678901', 'too-long'],
    ['12345', 'short'],
    ['0123456', 'short'],
    ['+49123', 'short'],
  ])('refuses %j as %s', (dialled, reason) => {
    expect(shown(german, dialled)).toBe(reason)
  })

  it('refuses a national number where no country is known', () => {
    expect(shown(stateless, '015112345678')).toBe('no-country-code')
  })

  it.each(['110', '112', '911', '999', '000', '115', '116117', '0112', '00112', '+112', '+49110', '0049112', '49 112'])(
    'refuses the emergency number %s in Germany',
    (dialled) => {
      expect(shown(german, dialled)).toBe('emergency')
    },
  )

  it('refuses every emergency number of every country at home, with that country code, and under any length limit', () => {
    for (const [countryCode, local] of Object.entries(EMERGENCY_NUMBERS)) {
      const home = new NumberNormalizer({ defaultCountryCode: countryCode, minDigits: 1 })
      for (const number of [...local, ...UNIVERSAL_EMERGENCY_NUMBERS]) {
        expect(shown(home, number), `${countryCode}: ${number}`).toBe('emergency')
        expect(shown(stateless, `+${countryCode}${number}`), `+${countryCode} ${number}`).toBe('emergency')
      }
    }
  })

  it('refuses every emergency number of every country as one where no country is known, and in any other country', () => {
    for (const number of ALL_EMERGENCY_NUMBERS) {
      for (const normalizer of [stateless, german, american, italian]) {
        expect(shown(normalizer, number), number).toBe('emergency')
      }
    }
    for (const dialled of ['144', '133', '15', '10111', '0144', '+144', '0015', '116117', '1-4-4'])
      expect(shown(stateless, dialled), dialled).toBe('emergency')
    for (const dialled of ['4', '42', '10112', '123456']) expect(shown(stateless, dialled), dialled).toBe('short')
  })

  it('does not take an ordinary number for an emergency number it begins with', () => {
    expect(shown(american, '9115550123')).toBe('+19115550123')
    expect(shown(german, '+491101234567')).toBe('+491101234567')
  })

  it('lets the administrator allow shorter numbers', () => {
    expect(shown(new NumberNormalizer({ minDigits: 4 }), '+29012')).toBe('+29012')
  })

  it('refuses a country code that is none', () => {
    for (const defaultCountryCode of ['0', '+49', '12345', '']) {
      expect(() => new NumberNormalizer({ defaultCountryCode })).toThrow(ConfigError)
    }
  })

  it('gives E.164 digits or a reason, for any text, and leaves E.164 alone', () => {
    const texts = fc.oneof(fc.string({ maxLength: 400 }), fc.stringMatching(/^[+0-9 ()%;@:-]{0,40}$/))
    fc.assert(
      fc.property(texts, (dialled) => {
        const result = german.normalize(dialled)
        if (result.kind === 'refused') return
        expect(result.digits).toMatch(/^[1-9]\d{6,14}$/)
        expect(german.normalize(`+${result.digits}`)).toEqual(result)
      }),
    )
  })
})
