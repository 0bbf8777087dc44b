import type { FileProblem, Notice } from '../../api/contract/reading/index.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { Oid } from '../source/oid.ts'
import type { InputFlaw } from './input-flaws.ts'
import type { LayoutInForce } from './layout.ts'
import { LAYOUT_FILE } from './repository-layout.ts'
import type { UnsafeText } from './text-safety.ts'
import type { FoundDirectory, LeftOutFile, PromptTree } from './tree.ts'

/** Findings about the files of a branch. */

const REPOSITORY = { kind: 'repository', name: '' } as const

export function quarantinedFile({ path, blob, reason }: LeftOutFile): NewFinding {
  return { code: 'quarantined', subject: { kind: 'file', name: path }, message: reason, details: { blob } }
}

/** A file with unsafe text, which is kept out of the registry. */
export function unsafeFile(
  file: Pick<LeftOutFile, 'path' | 'blob'>,
  unsafe: readonly UnsafeText[],
): NewFinding {
  return unsafeFinding('unsafe_text', file, unsafe, unsafeSentence(unsafe))
}

/** A file with unsafe text that was released all the same, such as before anybody looked for it. */
export function releasedUnsafeFile(
  file: Pick<LeftOutFile, 'path' | 'blob'>,
  unsafe: readonly UnsafeText[],
): NewFinding {
  const message = `${placedSentence(unsafe)} It was released, so it is still served. Release a version without it, then revoke this one.`
  return unsafeFinding('unsafe_text_released', file, unsafe, message)
}

function unsafeFinding(
  code: 'unsafe_text' | 'unsafe_text_released',
  { path, blob }: Pick<LeftOutFile, 'path' | 'blob'>,
  unsafe: readonly UnsafeText[],
  message: string,
): NewFinding {
  const places = unsafe.map(({ code: kind, line, column }) => ({ code: kind, line, column }))
  return { code, subject: { kind: 'file', name: path }, message, details: { blob, places } }
}

/** Why a file with unsafe text is kept out, as sentences with the place. */
export function unsafeSentence(unsafe: readonly UnsafeText[]): string {
  return `${placedSentence(unsafe)} If it belongs there, the platform can add the path to allowUnsafeText.`
}

/** The first place of unsafe text and its problem. Empty if nothing is unsafe. */
export function placedSentence([first, ...others]: readonly UnsafeText[]): string {
  if (first === undefined) return ''
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `Line ${first.line}, column ${first.column}: ${first.message}${more}`
}

/** Why a file cannot become a version, as a sentence that names the line. */
export function problemSentence({ line, message }: Pick<FileProblem, 'line' | 'message'>): string {
  return line === undefined ? message : `Line ${line}: ${message}`
}

/** One finding per kind, regardless of the number of notices. */
export function noticedFile(path: string, blob: Oid, notices: readonly Notice[]): NewFinding[] {
  const isNotRead = ({ code }: Notice) => code === 'front_matter_not_read'
  return [
    ...oneOf('front_matter_not_read', path, blob, notices.filter(isNotRead)),
    ...oneOf(
      'front_matter_repaired',
      path,
      blob,
      notices.filter((notice) => !isNotRead(notice)),
    ),
  ]
}

function oneOf(
  code: NewFinding['code'],
  path: string,
  blob: Oid,
  notices: readonly Pick<Notice, 'line' | 'message'>[],
): NewFinding[] {
  const [first, ...others] = notices
  if (first === undefined) return []
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  const lines = notices.flatMap(({ line }) => line ?? [])
  const message = `${problemSentence(first)}${more}`
  return [{ code, subject: { kind: 'file', name: path }, message, details: { blob, lines } }]
}

/** One finding per kind, with the names of the inputs. Only of flaws that are certain. */
export function flawedFile(path: string, blob: Oid, flaws: readonly InputFlaw[]): NewFinding[] {
  return (['input_undeclared', 'input_unused'] as const).flatMap((code) => {
    const all = flaws.filter((flaw) => flaw.isCertain && flaw.code === code)
    const inputs = all.map(({ name }) => name)
    return oneOf(code, path, blob, all).map((one) => ({ ...one, details: { ...one.details, inputs } }))
  })
}

export function layoutFindings({ problem, unknownNames }: LayoutInForce, { ids }: PromptTree): NewFinding[] {
  const invalid: NewFinding[] =
    problem === null
      ? []
      : [{ code: 'layout_invalid', subject: { kind: 'file', name: LAYOUT_FILE }, message: problem }]
  return [
    ...invalid,
    ...unknownNames(ids).map((name): NewFinding => {
      const message = `${LAYOUT_FILE} names "${name}", but the branch has no prompt with this id or path. Correct or remove it.`
      return { code: 'unknown_name', subject: { kind: 'prompt', name }, message }
    }),
  ]
}

/** Directories of the layout without a prompt. If all are empty, that is a problem of the source. */
export function directoryFindings({ directories, ignored }: PromptTree, branch: string): NewFinding[] {
  const empty = directories.filter(({ prompts }) => prompts === 0)
  if (empty.length < directories.length)
    return empty.map((one) => ({
      code: 'directory_empty',
      subject: { kind: 'directory', name: one.directory },
      message: whyEmpty(one, branch),
    }))
  const message = `The branch "${branch}" has no prompt. ${empty.map((one) => whyEmpty(one, branch)).join(' ')}`
  return [{ code: 'nothing_found', subject: REPOSITORY, message, details: { ignored: ignored.length } }]
}

function whyEmpty({ directory, at, kind, ignored }: FoundDirectory, branch: string): string {
  const is =
    at === directory ? `"${directory}" is` : `There is no directory "${directory}", because "${at}" is`
  switch (kind) {
    case 'missing':
      return `There is no directory "${directory}" on the branch "${branch}". Correct directories.`
    case 'submodule':
      return `${is} a submodule, which is not read. Make its repository a source of its own.`
    case 'symlink':
      return `${is} a symbolic link, which is not followed. Name the directory that it points to in directories.`
    case 'file':
      return `${is} a file. Correct directories.`
    case 'directory': {
      const name = directory === '' ? 'The root' : `"${directory}"`
      if (ignored === 0) return `${name} has no file. Commit a prompt.`
      const files = ignored === 1 ? 'the 1 file' : `all ${ignored} files`
      return `${name} has no prompt: include and exclude leave out ${files} below it. Correct include or exclude.`
    }
    default:
      return kind satisfies never
  }
}
