import { describe, expect, it } from 'vitest'
import { isWithin, treeScope } from '../../../controller/prompts/directories.ts'
import type { Layout } from '../../../controller/prompts/layout-fields.ts'

const laidOut = (...directories: string[]): Layout => ({
  directories,
  include: ['**'],
  exclude: [],
  idPrefix: '',
})

describe('the listing needed to read a tree', () => {
  it('has each directory of each layout once, from the root and without a trailing slash', () => {
    const layouts = [laidOut('./prompts/', 'old'), laidOut('prompts')]
    expect(treeScope(layouts, ['.promptctl.yaml'], 5)).toEqual({
      directories: ['prompts', 'old'],
      files: ['.promptctl.yaml'],
      maxFiles: 5,
    })
  })

  it.each<[string, string[], string[], boolean]>([
    ['the same directory', ['prompts'], ['prompts/'], true],
    ['a directory below a listed one', ['prompts/team'], ['prompts'], true],
    ['any directory, if the root is listed', ['a/b', '.'], ['.'], true],
    ['a directory above a listed one', ['prompts'], ['prompts/team'], false],
    ['a directory with a longer name', ['prompts2'], ['prompts'], false],
    ['the root', ['.'], ['prompts'], false],
    ['several directories of which one is not listed', ['prompts', 'old'], ['prompts'], false],
  ])('is decided for %s', (_what, directories, listed, expected) => {
    expect(isWithin(laidOut(...directories), [laidOut(...listed)])).toBe(expected)
  })

  it('can be covered by the listings of several layouts', () => {
    const listed = ['prompts', 'old'].map((directory) => laidOut(directory))
    expect(isWithin(laidOut('old/a', 'prompts'), listed)).toBe(true)
    expect(isWithin(laidOut('prompts'), [])).toBe(false)
  })
})
