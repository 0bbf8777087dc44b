import { basename } from 'node:path'
import type { SourceConfig } from '../../configuration/config.ts'
import { createTreeReader } from '../../prompts/read-tree.ts'
import { LAYOUT_FILE } from '../../prompts/repository-layout.ts'
import type { PromptTree } from '../../prompts/tree.ts'
import { counted } from '../../report/pull-request-headline.ts'
import { publicRepository } from '../../source/public-repository.ts'
import { fewNames } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { printLine } from '../output.ts'
import { detectLayout } from './detect-layout.ts'
import { detectReleases } from './detect-releases.ts'
import type { ReadRepository } from './read-repository.ts'

const FEW = 3

/** The finds, and why they were chosen. */
export function explain(runtime: CliRuntime, read: ReadRepository, source: SourceConfig | undefined): void {
  if (source === undefined) return
  const tree = createTreeReader(source)(read.entries)
  const layout = detectLayout(read.entries.map(({ path }) => path))
  const releases = detectReleases(read.tags, source.releases)
  const files = `${counted(read.entries.length, 'file', 'files')}, ${counted(read.tags.length, 'tag', 'tags')}`
  printLine(
    runtime,
    `${publicRepository(source.repository)}, branch ${read.branch} at ${read.commit.slice(0, 12)}: ${files}`,
  )
  const isDetected = layout !== null && layout.directories.join() === source.directories.join()
  const rows = [
    ['directories', source.directories.join(', '), isDetected ? layout.reason : 'as you chose'],
    [
      'include',
      source.include.join(', '),
      layout?.formats.map(([extension, count]) => `${count} ${extension}`).join(', ') ?? '',
    ],
    ['releases', source.releases.join(', '), releasesReason(releases)],
    ['prompts', String(tree.files.length), examplesOf(tree, source)],
    ...leftOut(tree),
  ]
  for (const [name = '', value = '', why = ''] of rows)
    printLine(runtime, `  ${name.padEnd(12)} ${value}${why === '' ? '' : `  (${why})`}`)
}

function releasesReason({ matched, total, unmatched }: ReturnType<typeof detectReleases>): string {
  if (total === 0) return 'the defaults: there are no tags yet'
  const rest = unmatched.length === 0 ? '' : `; not ${fewNames(unmatched)}`
  return `${matched} of ${total} tags match${rest}`
}

/** How a path becomes an id, by example. A prefix that repeats a folder is easily overlooked. */
function examplesOf({ files }: PromptTree, { idPrefix }: SourceConfig): string {
  const twice = idPrefix === '' ? undefined : files.find(({ id }) => id.startsWith(idPrefix + idPrefix))
  const [first] = files
  const shown = twice ?? first
  if (shown === undefined) return 'none: correct the directories'
  const warning =
    twice === undefined
      ? ''
      : `, since its folder is named like the prefix: leave out the prefix, or add the folder to the directories`
  return `${shown.path} becomes ${shown.id}${warning}`
}

function leftOut({ ignored, quarantined }: PromptTree): string[][] {
  const named = (all: PromptTree['ignored']) =>
    all.slice(0, FEW).map(({ path, reason }) => `${path}: ${reason}`)
  return [
    ...(ignored.length === 0 ? [] : [['left out', String(ignored.length), named(ignored).join(' ')]]),
    ...(quarantined.length === 0
      ? []
      : [['quarantined', String(quarantined.length), named(quarantined).join(' ')]]),
  ]
}

/** Newcomers confuse these. */
export function similarNames(file: string): readonly string[] {
  return [
    `  ${basename(file)} is the platform's: it stays here. Your repository needs no file.`,
    `  ${LAYOUT_FILE} is optional, in a repository, and refines where its prompts are.`,
    '  .promptctl/ will hold the registry and copies of repositories. Do not commit it.',
  ]
}
