import { LIMITS } from '../../api/contract/limits.ts'
import { decodeFile, type Notice } from '../../api/contract/reading/index.ts'
import type { SourceConfig } from '../configuration/config.ts'
import type { NewFinding } from '../findings/finding.ts'
import { createScreen } from '../pass/screen.ts'
import { TreeLayouts } from '../pass/tree-layouts.ts'
import { type FileToRead, fileToRead } from '../prompts/file-to-read.ts'
import type { InputFlaw } from '../prompts/input-flaws.ts'
import type { LayoutInForce } from '../prompts/layout.ts'
import { directoryFindings, layoutFindings } from '../prompts/prompt-findings.ts'
import { FileReadings } from '../prompts/read-files.ts'
import { pathBeside } from '../prompts/sidecar-rules.ts'
import { splitText, wholeOf } from '../prompts/split-text.ts'
import type { GitSnapshot } from '../source/git-source.ts'

/** Something to correct in a working tree. `error`: the controller would not take the file as it is. */
export interface LintResult {
  readonly level: 'error' | 'warning'
  /** A code of a finding. */
  readonly code: string
  /** From the root of the repository; empty if it is about the repository itself. */
  readonly path: string
  /** From 1. */
  readonly line: number
  /** In characters, from 1. */
  readonly column: number
  readonly message: string
}

export interface LintReport {
  readonly prompts: readonly { readonly id: string; readonly path: string; readonly version: string }[]
  /** Files in the directories that the layout leaves out. */
  readonly ignored: readonly { readonly path: string; readonly reason: string }[]
  /** Sorted by path and place. */
  readonly results: readonly LintResult[]
}

type TreeFiles = Pick<GitSnapshot, 'tree' | 'blobs'>

/** No layout and no version depends on the commit. */
const NO_COMMIT = ''

/**
 * Reads a tree as a first pass of `source` would, without a registry: layout, ids, front matter, sizes, unsafe text
 * and inputs. Throws `SourceError`.
 */
export async function lintTree(
  source: SourceConfig,
  snapshot: TreeFiles,
  branch: string,
): Promise<LintReport> {
  const { tree, layout } = await new TreeLayouts(source, snapshot).branch(NO_COMMIT, null)
  const files = tree.files.map((file) => fileToRead(file, layout))
  const readings = new FileReadings()
  await readings.add(snapshot, files)
  const isKeptOut = screenOf(source)
  const versions = files.flatMap((file) => readings.versionOf(file, NO_COMMIT) ?? [])
  const results = [
    ...general(layoutFindings(layout, tree), layout),
    ...general(directoryFindings(tree, branch), layout),
    ...tree.quarantined.map(({ path, reason }) => errorAt('quarantined', path, reason)),
    ...files.flatMap((file) => fileResults(file, readings)),
    ...versions
      .filter(isKeptOut)
      .flatMap(({ path, unsafe }) =>
        unsafe.map(({ beside, line, column, message }) =>
          errorAt('unsafe_text', placeOf(path, beside), message, line, column),
        ),
      ),
  ]
  return {
    prompts: versions
      .filter((one) => !isKeptOut(one))
      .map(({ id, path, version }) => ({ id, path: wholeOf(path).whole, version })),
    ignored: tree.ignored.map(({ path, reason }) => ({ path, reason })),
    results: results.map(placedInFile(await partLines(files, snapshot))).toSorted(byPlace),
  }
}

function placeOf(path: string, beside: string | undefined): string {
  return beside === undefined ? path : pathBeside(path, beside)
}

/** Without a registry, no unsafe text counts as released. */
function screenOf(source: SourceConfig) {
  const screen = createScreen(source, new Map())
  return (version: Parameters<typeof screen>[0]) => screen(version) === 'kept_out'
}

function fileResults(file: FileToRead, readings: FileReadings): LintResult[] {
  const problem = readings.problemOf(file)
  if (problem !== undefined) return [errorAt('quarantined', file.path, problem.message, problem.line)]
  const warning = (code: string, { line, message }: Notice | InputFlaw): LintResult => ({
    ...errorAt(code, file.path, message, line),
    level: 'warning',
  })
  return [
    ...readings
      .noticesOf(file)
      .map((notice) =>
        warning(notice.code === 'front_matter_not_read' ? notice.code : 'front_matter_repaired', notice),
      ),
    ...readings.flawsOf(file).map((flaw) => warning(flaw.code, flaw)),
  ]
}

/** The lines at which the keys of split files begin, by the path of the key. */
async function partLines(
  files: readonly FileToRead[],
  snapshot: TreeFiles,
): Promise<ReadonlyMap<string, number>> {
  const lines = new Map<string, number>()
  const ofParts = files.filter(({ path }) => wholeOf(path).key !== undefined)
  const byBlob = Map.groupBy(ofParts, ({ blob }) => wholeOf(blob).whole)
  if (byBlob.size === 0) return lines
  for await (const blob of snapshot.blobs(byBlob.keys(), LIMITS.fileBytes)) {
    const text = 'bytes' in blob ? decodeFile(blob.bytes) : ''
    const starts = new Map(
      typeof text === 'string' ? splitText(text).map(({ key, line }) => [key, line]) : [],
    )
    for (const { path } of byBlob.get(blob.oid) ?? [])
      lines.set(path, starts.get(wholeOf(path).key ?? '') ?? 1)
  }
  return lines
}

/** The place of a result about a key, in the file of the key. */
function placedInFile(lines: ReadonlyMap<string, number>) {
  return (result: LintResult): LintResult => {
    const { whole } = wholeOf(result.path)
    return { ...result, path: whole, line: result.line + (lines.get(result.path) ?? 1) - 1 }
  }
}

/** Findings about the repository as a whole. */
function general(findings: readonly NewFinding[], { from }: LayoutInForce): LintResult[] {
  const isError = (code: string) => code === 'layout_invalid' || code === 'nothing_found'
  return findings.map(({ code, subject, message }) => {
    const path = subject.kind === 'file' ? subject.name : from === null ? '' : '.promptctl.yaml'
    return { ...errorAt(code, path, message), level: isError(code) ? 'error' : 'warning' }
  })
}

function errorAt(code: string, path: string, message: string, line = 1, column = 1): LintResult {
  return { level: 'error', code, path, line, column, message }
}

function byPlace(a: LintResult, b: LintResult): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return a.line - b.line || a.column - b.column
}
