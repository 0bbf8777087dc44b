import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isFileProblem, readFrontMatter } from '../../api/contract/reading/index.ts'

const page = readFileSync(new URL('../../docs/prompt-files.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `(.+)` \| `(.+)` \|$/gm)].map(
  ([, yaml = '', json = '']) => [yaml, json] as const,
)

test('docs/prompt-files.md has examples', () => {
  expect(rows.length).toBeGreaterThanOrEqual(15)
})

test.each(rows)('%s is read as docs/prompt-files.md has it', (yaml, json) => {
  const matter = readFrontMatter(`---\n${yaml}\n---\n`, 'front-matter')
  if (isFileProblem(matter)) return expect(matter).toBeUndefined()
  const { description, tags, config, notices } = matter
  const read = {
    ...(description !== null && { description }),
    ...(tags.length > 0 && { tags }),
    ...(config as object),
  }
  expect(read).toEqual(JSON.parse(json))
  expect(notices).toHaveLength(1)
})
