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

it.each([
  [
    'begins at 5 %',
    [
      [0, 12],
      [1, 13],
    ],
    [false, true],
  ],
  [
    'goes on between 1 and 5 %, however long',
    [
      [0, 13],
      [60, 12],
      [120, 4],
      [200, 4],
    ],
    [true, true, true, true],
  ],
  [
    'ends after 15 s below 1 %',
    [
      [0, 20],
      [2, 3],
      [16, 0],
      [17, 0],
    ],
    [true, true, true, false],
  ],
  [
    'counts the 15 s anew after a spell',
    [
      [0, 20],
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
