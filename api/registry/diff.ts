import { createTwoFilesPatch, formatPatch } from 'diff'
import type { VersionRecord } from '../store/records.ts'

/**
 * A comparison takes time proportional to lines times edits. Above this limit the diff replaces the whole text.
 */
const MOST_EDITS = 1000

/** A version as shown in a diff. */
export interface DiffSide {
  readonly name: string
  readonly version: VersionRecord
  readonly content: string
}

/** Unified diff of two versions: content first, then variables and config. Empty if they are equal. */
export function unifiedDiff(id: string, before: DiffSide, after: DiffSide): string {
  const texts = patch(`${id}@${before.name}`, `${id}@${after.name}`, before.content, after.content)
  const settings = patch(
    `${id}@${before.name} (settings)`,
    `${id}@${after.name} (settings)`,
    settingsText(before.version),
    settingsText(after.version),
  )
  return texts + settings
}

function settingsText({ variables, config }: VersionRecord): string {
  const settings = { ...(variables !== null && { variables }), ...(config !== null && { config }) }
  return Object.keys(settings).length === 0 ? '' : `${JSON.stringify(settings, null, 2)}\n`
}

function patch(oldName: string, newName: string, before: string, after: string): string {
  if (before === after) return ''
  const options = {
    maxEditLength: MOST_EDITS,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  }
  const unified = createTwoFilesPatch(oldName, newName, before, after, undefined, undefined, options)
  return unified ?? wholeReplacement(oldName, newName, before, after)
}

function wholeReplacement(oldName: string, newName: string, before: string, after: string): string {
  const oldLines = linesOf(before, '-')
  const newLines = linesOf(after, '+')
  const count = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('\\')).length
  return formatPatch({
    oldFileName: oldName,
    newFileName: newName,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [
      {
        oldStart: 1,
        oldLines: count(oldLines),
        newStart: 1,
        newLines: count(newLines),
        lines: [...oldLines, ...newLines],
      },
    ],
  })
}

function linesOf(text: string, sign: '-' | '+'): string[] {
  if (text === '') return []
  const ended = text.endsWith('\n')
  const lines = (ended ? text.slice(0, -1) : text).split('\n').map((line) => sign + line)
  return ended ? lines : [...lines, '\\ No newline at end of file']
}
