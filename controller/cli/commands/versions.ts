import type { Command } from 'commander'
import type { VersionRow, VersionsAnswer } from '../../../api/contract/registry-api.ts'
import { withPaging } from '../arguments.ts'
import { fewNames, shortCommit, shortText, time } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { printTable } from '../table.ts'

interface VersionsOptions extends CommonOptions, PageOptions {}

export function versionsCommand({ runtime }: CliContext): Command {
  const command = newCommand('versions', 'List the versions of a prompt, newest first', {
    group: 'read',
    examples: ['versions triage'],
  }).argument('<id>', 'Prompt id')
  return withPaging(command).action(async (id: string, options: VersionsOptions) => {
    const answer = await withRegistry(options, runtime, 'read', (api) =>
      readPages('versions', options, (page) => api.versions(id, page)),
    )
    if (wantsJson(options)) printJson(runtime, answer)
    else printVersions(runtime, answer)
  })
}

function printVersions(runtime: CliRuntime, { versions, next_cursor: next }: VersionsAnswer): void {
  printTable(runtime, HEADINGS, versions.map(cellsOf), {
    name: 'version',
    drop: ['description', 'commit', 'released (UTC)', 'created (UTC)'],
  })
  if (next !== null) printNote(runtime, `There are more: add --cursor ${next}`)
}

const HEADINGS = ['names', 'version', 'status', 'created (UTC)', 'released (UTC)', 'commit', 'description']

function waits(release: string): string {
  return `${release} (waits)`
}

function cellsOf(row: VersionRow): string[] {
  return [
    fewNames([...row.aliases.filter((name) => !row.waiting.includes(name)), ...row.waiting.map(waits)]),
    row.version,
    row.status,
    time(row.created_at),
    time(row.released_at),
    shortCommit(row.origin?.commit),
    shortText(row.description),
  ]
}
