import { hash } from 'node:crypto'

/** A strong entity tag of a whole response: it changes with any byte. */
export function entityTag(text: string): string {
  return `"${hash('sha256', text, 'base64url')}"`
}
