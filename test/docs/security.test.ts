import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync('docs/security.md', 'utf8')

/** Tests that the page names, with the title that it quotes. */
const named = [
  ...page.matchAll(
    /`(?:test\/)?((?:api|console|contract|controller|e2e|long)\/[\w/.-]+)`(?:: (.+?)(?= \||; `))?/g,
  ),
]
const filesOf = (name: string) => globSync(`test/${name.replace(/\.test\.ts$/, '')}*.ts`)

test('docs/security.md names only tests that exist, by their titles', () => {
  expect(named.length).toBeGreaterThan(15)
  const lost = named.filter(([, name = '', title = '']) => {
    const sources = filesOf(name).map((file) => readFileSync(file, 'utf8'))
    return !sources.some((source) => title.split(': ').every((part) => source.includes(part)))
  })
  expect(lost.map(([reference]) => reference)).toEqual([])
})
