import { describe, expect, it } from 'vitest'
import { quantityValue } from './quantity.ts'

describe('a quantity', () => {
  it.each([
    ['1', 1],
    ['+2', 2],
    ['.5', 0.5],
    ['50m', 0.05],
    ['250u', 0.00025],
    ['2k', 2000],
    ['1e3', 1000],
    ['1E3', 1000],
    ['12E', 12e18],
    ['64Mi', 67_108_864],
    ['1.5Gi', 1_610_612_736],
  ])('%s is %d', (quantity, value) => {
    expect(quantityValue(quantity)).toBeCloseTo(value, 9)
  })

  it.each(['', 'much', '1.2.3', '1 Gi', '-1', '1KB', 'constructor', '1toString'])('is not "%s"', (quantity) => {
    expect(() => quantityValue(quantity)).toThrow('is not a quantity')
  })
})
