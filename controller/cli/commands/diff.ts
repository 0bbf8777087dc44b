import { styleText } from 'node:util'
import type { Command } from 'commander'
import { filesSentence } from '../../../api/contract/file-changes.ts'
import { given } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { isTerminal, printJson, withLines } from '../output.ts'

export function diffCommand({ runtime }: CliContext): Command {
  return newCommand('diff', 'Compare two versions of a prompt (default: stable and latest)', {
    group: 'read',
    examples: ['diff triage', 'diff triage 1.2.0 stable'],
    notes: 'Versions are labels, aliases, "stable" or "latest". Prints nothing if the contents are equal.',
  })
    .argument('<id>', 'Prompt id')
    .argument('[v1]', 'Version to compare from')
    .argument('[v2]', 'Version to compare to')
    .action(async (id: string, v1: string | undefined, v2: string | undefined, options: CommonOptions) => {
      if (v1 !== undefined && v2 === undefined)
        throw new UsageError('A diff needs two versions, or none to compare stable with latest.')
      const answer = await withRegistry(options, runtime, 'read', (api) => api.diff(id, given({ v1, v2 })))
      if (wantsJson(options)) printJson(runtime, answer)
      else {
        const files = answer.files == null ? '' : `${filesSentence(answer.files)}\n`
        const diff = withLines(answer.diff + files)
        runtime.stdout.write(wantsColour(runtime) ? coloured(diff) : diff)
      }
    })
}

/** NO_COLOR counts if it is not empty (https://no-color.org). */
function wantsColour({ stdout, env }: CliRuntime): boolean {
  return isTerminal(stdout) && !env.NO_COLOR && env.TERM !== 'dumb'
}

function coloured(diff: string): string {
  return diff.split('\n').map(colouredLine).join('\n')
}

function colouredLine(line: string): string {
  const style = styleOf(line)
  // `wantsColour` has checked the stream.
  return style === undefined ? line : styleText(style, line, { validateStream: false })
}

function styleOf(line: string): 'bold' | 'cyan' | 'green' | 'red' | undefined {
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return 'bold'
  if (line.startsWith('@@')) return 'cyan'
  if (line.startsWith('+')) return 'green'
  return line.startsWith('-') ? 'red' : undefined
}
