import { compareFiles, fileDigests, filesSentence } from '../../api/contract/file-changes.ts'
import type { ResolvedPrompt } from '../../api/contract/registry-api.ts'
import { EMPTY, type Html, html, shown } from '../html.ts'

type ComparedFiles = Pick<ResolvedPrompt, 'sidecars' | 'files'> | null | undefined

/** The changes of sidecars and of the other files of a skill folder, in one line. */
export function changedFiles(before: ComparedFiles, after: ComparedFiles): Html {
  const changes = compareFiles(
    fileDigests(before?.sidecars, before?.files),
    fileDigests(after?.sidecars, after?.files),
  )
  return changes === null ? EMPTY : html`<p class="foot">${shown(filesSentence(changes))}</p>`
}
