import { firstNames } from '../../api/contract/first-names.ts'
import type { HoldDocument } from '../../api/contract/registry-api.ts'

/** Formats values for table cells. */

const LONGEST_TEXT = 60

/** Placeholder of an empty cell. */
export const NONE = '-'

/** Free text, truncated to `LONGEST_TEXT` characters. */
export function shortText(text: string | null): string {
  if (text === null || text === '') return NONE
  const characters = [...text]
  return characters.length <= LONGEST_TEXT ? text : `${characters.slice(0, LONGEST_TEXT - 1).join('')}…`
}

/** An API timestamp to the second. The column heading names UTC. */
export function time(timestamp: string | null): string {
  return timestamp === null ? NONE : timestamp.slice(0, 19).replace('T', ' ')
}

/** The first names, then the number of the others. */
export function fewNames(names: readonly string[], most = 3): string {
  return names.length === 0 ? NONE : firstNames(names, most)
}

export function shortCommit(commit: string | null | undefined): string {
  return commit?.slice(0, 12) ?? NONE
}

export function holdCell(hold: HoldDocument | null): string {
  if (hold === null) return NONE
  return hold.kind === 'until_lifted' ? 'frozen' : 'until release'
}

/** The approximate age. `now` is in milliseconds since the epoch. */
export function age(timestamp: string | null, now: number): string {
  if (timestamp === null) return NONE
  const seconds = Math.max(0, Math.round((now - Date.parse(timestamp)) / 1000))
  if (seconds < 120) return `${seconds} s ago`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} days ago`
}
