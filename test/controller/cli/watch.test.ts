import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

async function watched(args: readonly string[], terminal: boolean) {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': 'x' })
  await configure(cli.folder, ['{ name: s, repository: ./repo }'])
  await cli.run(['sync'])
  const stop = new AbortController()
  let out = ''
  let wake = () => {}
  const shows = async (text: string) => {
    while (!out.includes(text)) await new Promise<void>((resolve) => (wake = resolve))
  }
  const running = cli.run(args, {
    terminal,
    signal: stop.signal,
    pause: () => pause(5),
    onOutput: (all) => {
      out = all
      wake()
    },
  })
  await shows('s: ready at ')
  await cli.run(words('push b'), { stdin: 'y' })
  await shows('b: version pushed - to ')
  stop.abort(new Error('stopped by SIGINT'))
  return { ...(await running), source: (out.match(/s: ready/g) ?? []).length }
}

test('in a pipe it prints a line for each change, and no escape sequence', async () => {
  const { out, source } = await watched(['watch'], false)
  expect(source).toBe(1)
  expect(out).toMatch(
    /^s: ready at \w{12}, last pass 1 pushed\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}b: version pushed - to \w+ by /,
  )
  expect(out).not.toContain('\u001b')
})

test('on a terminal it redraws in place', async () => {
  const { out } = await watched(['watch'], true)
  expect(out).toContain('\u001b[2A\u001b[J')
})
