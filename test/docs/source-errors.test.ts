import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { GIT_TIMEOUTS } from '../../controller/source/git/timeouts.ts'
import { LIMITS } from '../../controller/source/github/limits.ts'
import { REF_LIMITS } from '../../controller/source/ref-limits.ts'
import { SOURCE_ERRORS } from '../../controller/source/source-error.ts'

const HEADING = '# Repositories that cannot be read\n'

async function section(): Promise<string> {
  const operations = await readFile('docs/operations.md', 'utf8')
  const start = operations.indexOf(HEADING)
  return operations.slice(start, operations.indexOf('\n# ', start + 1))
}

test('docs/operations.md has every code of a repository that cannot be read, in its words', async () => {
  const rows = [...(await section()).matchAll(/^\| `(\w+)` \| (.*) \| (.*) \|$/gm)]
  const documented = Object.fromEntries(rows.map(([, code, means, next]) => [code, { means, next }]))
  expect(documented).toEqual(SOURCE_ERRORS)
})

test('docs/operations.md has the limits and times of the code', async () => {
  const text = await section()
  const seconds = (ms: number) => ms / 1000
  expect(text).toContain(
    `have ${seconds(GIT_TIMEOUTS.firstByteMs)} and ${seconds(LIMITS.firstByteMs)} seconds for the first byte of an answer, ` +
      `then ${seconds(GIT_TIMEOUTS.silenceMs)} and ${seconds(LIMITS.silenceMs)} seconds`,
  )
  expect(text).toContain(`at most ${REF_LIMITS.refs.toLocaleString('en')} tags and release branches`)
  expect(text).toContain(`at most ${LIMITS.historyCommits.toLocaleString('en')} commits`)
})
