import { describe, expect, it } from 'vitest'
import { slicesOf } from '../../../controller/pass/slices.ts'

describe('prompts that are compared together', () => {
  it('are as many as fit, sorted, with those on the branch first', () => {
    expect([...slicesOf(['e', 'a', 'c', 'b', 'd'], ['f', '0'], 2)]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
      ['0', 'f'],
    ])
  })

  it('are all of them if they fit', () => {
    expect([...slicesOf(['b', 'a'], ['0'], 3)]).toEqual([['a', 'b', '0']])
    expect([...slicesOf([], [], 3)]).toEqual([[]])
  })

  it('are never parts of one prompt, however it is spelled', () => {
    const slices = [...slicesOf(['a', 'B', 'c', 'd'], ['A', 'b', 'X', 'x'], 2)]
    expect(slices).toEqual([
      ['B', 'b'],
      ['a', 'A'],
      ['c', 'd'],
      ['X', 'x'],
    ])
  })
})
