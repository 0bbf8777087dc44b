import { RegistryError } from '../api/contract/errors.ts'
import { parsePromptId, ROUTE_WORDS } from '../api/contract/prompt-id.ts'
import { isPath, parseRequestReference } from '../api/contract/reference.ts'

/**
 * The paths of the routes, percent-encoded. Ids and references are checked here, with the registry's own rules
 * and codes, because a wrong one (`a/../b`, `a/versions`) would silently be another route.
 */

/** `/prompts/{id}`, or a route below it. Throws `invalid_prompt_id`. */
export function promptPath(id: string, verb?: string): string {
  const path = `/prompts/${encodeSegments(isPath(id) && !id.includes('@') ? id : parsePromptId(id))}`
  return verb === undefined ? path : `${path}/${verb}`
}

/** `/prompts/{ref}`. Throws `invalid_reference`, `invalid_prompt_id`, `invalid_version`. */
export function referencePath(reference: string): string {
  parseRequestReference(reference)
  return knownReferencePath(reference)
}

/** The same for a reference that was checked. */
export function knownReferencePath(reference: string): string {
  return `/prompts/${encodeSegments(reference)}`
}

/** `/prompts/{ref}/files/{path}`. Throws as `referencePath`. */
export function filePath(reference: string, path: string): string {
  const encoded = encodeURIComponent(path)
  // As it is, the last segment would be another route.
  const isWord = ROUTE_WORDS.includes(encoded)
  const safe = isWord ? `%${encoded.charCodeAt(0).toString(16)}${encoded.slice(1)}` : encoded
  parseRequestReference(reference)
  return `/prompts/${encodeSegments(reference).replaceAll('/', '%2F')}/files/${safe}`
}

/** `/sources/{name}`, or a route below it. Throws `invalid_request` for a name that is no path segment. */
export function sourcePath(name: string, verb?: string): string {
  if (['', '.', '..'].includes(name)) {
    throw new RegistryError('invalid_request', `"${name}" cannot name a source.`)
  }
  const path = `/sources/${encodeURIComponent(name)}`
  return verb === undefined ? path : `${path}/${verb}`
}

/** `/sets/{digest}`, or a route below it. */
export function setPath(digest: string, verb?: string): string {
  const path = `/sets/${encodeURIComponent(digest)}`
  return verb === undefined ? path : `${path}/${verb}`
}

/** Characters that need no encoding. */
const PLAIN = /^[A-Za-z0-9/@._-]*$/

/** `@` stays as it is, which a path allows: a function that is invoked directly may not decode its path. */
function encodeSegments(text: string): string {
  if (PLAIN.test(text)) return text
  return text.split('/').map(encodeURIComponent).join('/').replaceAll('%40', '@')
}
