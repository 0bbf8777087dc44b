import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configure, makeCli } from '../controller/cli/cli-under-test.ts'
import { createRepository } from '../support/git-repository.ts'
import { patternOf, perform, stepsOf } from '../support/transcript.ts'

const FILE = `---
description: Sorts incoming messages.
tags: [support]
variables: [message]
model: { temperature: 0 }
---
You sort messages.
`

/** A source `support` whose repository has one prompt, with a release of it. */
async function oneRelease() {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repository'))
  await repository.commit({ 'prompts/triage.md': FILE })
  await repository.tag('v1.0.0')
  await configure(cli.folder, ['name: support\n    repository: ./repository'])
  return { cli, repository }
}

async function twoReleases() {
  const { cli, repository } = await oneRelease()
  await cli.run(['sync'])
  await repository.commit({ 'prompts/triage.md': FILE.replace('temperature: 0', 'temperature: 1') })
  await repository.tag('v1.1.0')
  await cli.run(['sync'])
  return { cli }
}

describe.each([
  ['docs/sources.md', oneRelease],
  ['docs/operations.md', twoReleases],
])('%s', (page, prepare) => {
  test('shows what its commands print', async () => {
    const steps = await stepsOf(page)
    expect(steps.length).toBeGreaterThan(7)
    const { cli } = await prepare()
    for (const { command, shown } of steps)
      expect(await perform(cli, command), `${page}: ${command}`).toMatch(patternOf(shown))
  })
})
