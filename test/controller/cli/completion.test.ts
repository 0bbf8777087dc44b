import { execFile } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeCli } from './cli-under-test.ts'

const run = promisify(execFile)

/** The words that bash offers at the end of a line. `promptctl` in it answers with two ids. */
async function offered(line: string): Promise<string[]> {
  const cli = await makeCli()
  const { out } = await cli.run(['completion', 'bash'])
  const bin = join(cli.folder, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'promptctl'), '#!/bin/sh\nprintf "support/triage\\nsupport/refund\\n"\n')
  await chmod(join(bin, 'promptctl'), 0o755)
  const words = line.split(' ')
  const script = `${out}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _promptctl; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await run('bash', ['-c', script], {
    cwd: bin,
    env: { PATH: `${bin}:${process.env.PATH}` },
  })
  return stdout.trim().split('\n')
}

test.for([
  ['promptctl vers', ['versions']],
  ['promptctl get support/t', ['support/triage']],
  ['promptctl list --st', ['--status']],
  ['promptctl list --status ', ['draft', 'stable', 'deprecated', 'revoked']],
  ['promptctl completion f', ['fish']],
  ['promptctl push a promp', ['promptctl']],
] as const)('bash completes "%s"', async ([line, words]) => {
  expect(await offered(line)).toEqual(words)
})

test('the scripts for zsh and fish are complete', async () => {
  const { run: promptctl } = await makeCli()
  expect((await promptctl(['completion', 'zsh'])).out).toMatch(/^#compdef promptctl\n/)
  const { out } = await promptctl(['completion', 'fish'])
  expect(out).toContain("complete -c promptctl -f -n __fish_use_subcommand -a sync -d 'Sync sources now'")
  expect(out).toContain('-l status -d ')
  expect((await promptctl(['completion', 'tcsh'])).code).toBe(2)
})
