import { RegistryError } from '../../contract/errors.ts'
import type { Page } from '../prompt-store.ts'

/** Cuts `items` to a page. One item more than `limit` means that there is another page. */
export function cut<T>(items: readonly T[], limit: number, cursor: (item: T) => string): Page<T> {
  const last = items.length > limit ? items[limit - 1] : undefined
  return { items: items.slice(0, limit), next: last === undefined ? null : cursor(last) }
}

export function notACursor(cursor: string): RegistryError {
  return new RegistryError(
    'invalid_request',
    `"${cursor}" is not a cursor; use the next_cursor of the previous page.`,
  )
}
