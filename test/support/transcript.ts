import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { CliUnderTest } from '../controller/cli/cli-under-test.ts'
import { isolatedGitEnvironment } from './git-repository.ts'

/**
 * The commands that a page shows, with what they print. In a page, `$ ` begins a command, `…` stands for the rest of a word
 * or a line, and a line `…` for any number of lines.
 */

const run = promisify(execFile)

export interface TranscriptStep {
  readonly command: string
  readonly shown: string
}

export async function stepsOf(page: string): Promise<TranscriptStep[]> {
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
export function patternOf(shown: string): RegExp {
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

/** Runs a command of a page. Returns what it prints. */
export async function perform(cli: Pick<CliUnderTest, 'run' | 'folder'>, command: string): Promise<string> {
  const [, input, line] = /^(?:printf '(.*)\\n' \| )?promptctl (.*)$/.exec(command) ?? []
  if (line !== undefined) {
    const { out, err } = await cli.run(wordsOf(line), input === undefined ? {} : { stdin: `${input}\n` })
    return (out + err).trimEnd()
  }
  const { stdout } = await run('sh', ['-c', command], { cwd: cli.folder, env: isolatedGitEnvironment(3600) })
  return stdout.trimEnd()
}
