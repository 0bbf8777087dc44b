import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CONTROLLER_FOLDERS } from '../support/registry-architecture.ts'

/** The paths in the block below `## The map` of a page, in order. Indentation shows the parent. */
function mapOf(page: string): string[] {
  const [, block = ''] = /\n## The map\n\n((?: {4}.*\n)+)/.exec(readFileSync(page, 'utf8')) ?? []
  const parents: string[] = []
  return block.split('\n').flatMap((line) => {
    const [, indent = '', names = ''] = /^ {4}( *)(\S+(?: \S+\.ts)*)/.exec(line) ?? []
    if (names === '') return []
    const depth = indent.length / 2
    const paths = names.split(' ').map((name) => parents.slice(0, depth).join('') + name)
    parents[depth] = names
    return paths
  })
}

/** The folders in a folder that have tracked sources, as `parent/name/`. */
function foldersIn(parent: string): string[] {
  const files = globSync(`${parent}*/**/*.ts`, { exclude: ['**/{dist,node_modules}/**'] })
  return [...new Set(files.map((file) => `${parent}${file.slice(parent.length).split('/')[0]}/`))].toSorted()
}

describe.each(['README.md', 'CONTRIBUTING.md'])('the map in %s', (page) => {
  test('shows only paths of the tree', () => {
    const paths = mapOf(page)
    expect(paths.length).toBeGreaterThan(5)
    expect(paths.filter((path) => globSync(path).length === 0)).toEqual([])
  })
})

describe('the map in CONTRIBUTING.md', () => {
  test.each(['api/', 'client/'])('shows every folder of %s', (part) => {
    const shown = mapOf('CONTRIBUTING.md').filter((path) => new RegExp(`^${part}[^/]+/$`).test(path))
    expect(shown.toSorted()).toEqual(foldersIn(part))
  })

  test('shows the folders of the controller in the order of their imports', () => {
    const shown = mapOf('CONTRIBUTING.md').filter((path) => /^controller\/[^/]+\/$/.test(path))
    expect(shown).toEqual(CONTROLLER_FOLDERS.map((folder) => `controller/${folder}/`))
  })
})

test('the ten tasks in CONTRIBUTING.md name only files of the tree', () => {
  const [, tasks = ''] = /\n## Ten tasks\n(.*?)\n## /s.exec(readFileSync('CONTRIBUTING.md', 'utf8')) ?? []
  const paths = [...tasks.matchAll(/`(\w+\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(tasks.match(/^- \*\*/gm)).toHaveLength(10)
  expect(paths.length).toBeGreaterThan(20)
  expect(paths.filter((path) => !existsSync(path))).toEqual([])
})
