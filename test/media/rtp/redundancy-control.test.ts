import { expect, it } from 'vitest'
import { RedundancyControl } from '../../../src/media/rtp/redundancy-control.ts'

/** The state after each report of [second, fraction lost in 256ths]. */
const states = (policy: 'off' | 'on-loss' | 'always', reports: readonly (readonly [number, number])[]) => {
  const control = new RedundancyControl(policy)
  return reports.map(([second, fractionLost]) => {
    control.note(fractionLost, second * 1000)
    return control.isOn
  })
}

/** So many of 25 packets, as a receiver rounds it. */
const of25 = (lost: number) => Math.floor((lost * 256) / 25)

it.each([
  ['two losses in one report are chance', [2], false],
  ['so are two reports of them, and single ones about', [2, 1, 0, 2, 0, 1, 0, 2, 1], false],
  ['one in a hundred, for long', Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0)), false],
  ['just below 5 %, for long', Array.from({ length: 400 }, (_, i) => (i % 8 === 0 ? 2 : 1)), false],
  ['5 % of twelve seconds', [1, 2, 1, 0, 2, 1, 2, 1], true],
  ['what has left the twelve seconds does not count', [5, 0, 0, 0, 0, 0, 0, 0, 5, 4], false],
  ['as much in less time is enough', [3, 3, 4], true],
] as const)('%s', (_, losses, isOn) => {
  const reports = losses.map((lost, i) => [1.5 * i, of25(lost)] as const)
  expect(states('on-loss', reports)).toEqual(reports.map((_, i) => isOn && i === reports.length - 1))
})

it.each([
  [
    'goes on between 1 and 5 %, however long',
    [
      [0, 100],
      [60, 12],
      [120, 4],
      [200, 4],
    ],
    [true, true, true, true],
  ],
  [
    'ends after 15 s below 1 %',
    [
      [0, 100],
      [2, 3],
      [16, 0],
      [17, 0],
    ],
    [true, true, true, false],
  ],
  [
    'counts the 15 s anew after a spell',
    [
      [0, 100],
      [2, 0],
      [10, 4],
      [12, 0],
      [26, 0],
      [27, 0],
    ],
    [true, true, true, true, true, false],
  ],
] as const)('%s', (_, reports, expected) => {
  expect(states('on-loss', reports)).toEqual(expected)
})

it('does not look at reports when it is off or always on', () => {
  expect(states('off', [[0, 255]])).toEqual([false])
  expect(
    states('always', [
      [0, 0],
      [60, 0],
    ]),
  ).toEqual([true, true])
})
