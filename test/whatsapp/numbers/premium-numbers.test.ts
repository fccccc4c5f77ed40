import { describe, expect, it } from 'vitest'
import { isPremiumNumber } from '../../../src/whatsapp/numbers/premium-numbers.ts'

describe('premium numbers', () => {
  it.each([
    ['Germany', '499001234567'],
    ['Germany, televoting', '49137712345'],
    ['North America', '19005551234'],
    ['France', '33899123456'],
    ['United Kingdom', '449012345678'],
    ['Switzerland', '41900123456'],
    ['international premium rate service', '979123456789'],
  ])('%s', (_, digits) => {
    expect(isPremiumNumber(digits)).toBe(true)
  })

  it.each([
    ['German mobile', '4917012345678'],
    ['German fixed line', '493012345678'],
    ['North America', '12125551234'],
    ['French mobile', '33612345678'],
    ['British mobile', '447912345678'],
    ['Brazilian mobile', '5511912345678'],
    ['Indian mobile', '919812345678'],
    ['Jordanian mobile', '962791234567'],
  ])('not: %s', (_, digits) => {
    expect(isPremiumNumber(digits)).toBe(false)
  })
})
