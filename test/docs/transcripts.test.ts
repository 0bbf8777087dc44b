import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type CliUnderTest, configure, makeCli } from '../controller/cli/cli-under-test.ts'
import { createRepository, isolatedGitEnvironment } from '../support/git-repository.ts'

/**
 * Runs the commands that pages show, in their order, and compares what they print. In a page, `$ ` begins a command, `…`
 * stands for the rest of a word or a line, and a line `…` for any number of lines.
 */

const run = promisify(execFile)

interface Step {
  readonly command: string
  readonly shown: string
}

async function stepsOf(page: string): Promise<Step[]> {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/^ {4}\$ .*\n(?: {4}.*\n)*/gm)].map(([block]) => block)
  return blocks.flatMap((block) =>
    block
      .replaceAll(/^ {4}/gm, '')
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [command = '', ...shown] = step.trimEnd().split('\n')
        return { command, shown: shown.join('\n') }
      }),
  )
}

/** Columns may be wider than the page shows them. */
function patternOf(shown: string): RegExp {
  const literal = (text: string) =>
    text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(/ {2,}/g, ' {2,}')
  const lines = shown
    .split('\n')
    .map((line) => (line === '…' ? '[^]*' : line.split('…').map(literal).join('.*')))
  return new RegExp(`^${lines.join('\\n')}$`)
}

/** Words of a command line, quoted or not. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

async function perform(cli: CliUnderTest, command: string): Promise<string> {
  const [, input, line] = /^(?:printf '(.*)\\n' \| )?promptctl (.*)$/.exec(command) ?? []
  if (line !== undefined) {
    const { out, err } = await cli.run(wordsOf(line), input === undefined ? {} : { stdin: `${input}\n` })
    return (out + err).trimEnd()
  }
  const { stdout } = await run('sh', ['-c', command], { cwd: cli.folder, env: isolatedGitEnvironment(3600) })
  return stdout.trimEnd()
}

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
