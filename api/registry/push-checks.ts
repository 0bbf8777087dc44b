import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import { isWithinDepth } from '../contract/reading/value-flaw.ts'
import type { PushRequest } from '../contract/registry-api.ts'
import type { Json } from '../contract/version.ts'
import { parseVersionName } from '../contract/version-name.ts'

/** The rules of a push that need their own message. Throws `invalid_…` and `too_large`. */
export function checkPush(request: PushRequest): void {
  parsePromptId(request.prompt_id)
  if (request.version !== undefined) parseVersionName(request.version)
  if (request.content === '')
    throw new RegistryError('invalid_request', 'content: must not be empty; add the text of the prompt.')
  checkSize('content', request.content, LIMITS.contentBytes)
  checkSize('front_matter', request.front_matter ?? '', LIMITS.frontMatterBytes)
  checkSize('description', request.description ?? '', LIMITS.descriptionBytes)
  checkSize('additions.description', request.additions?.description ?? '', LIMITS.descriptionBytes)
  checkSidecars(request.sidecars)
  checkJson('variables', request.variables)
  checkJson('config', request.config)
}

function checkSidecars(sidecars: PushRequest['sidecars']): void {
  if (sidecars === undefined) return
  const names = Object.keys(sidecars.texts)
  if (names.length === 0 || names.length > LIMITS.sidecars || names.includes(sidecars.main))
    throw new RegistryError(
      'invalid_request',
      `sidecars.texts: must have 1 to ${LIMITS.sidecars} files other than "${sidecars.main}".`,
    )
  for (const [name, text] of Object.entries(sidecars.texts))
    checkSize(`sidecars.texts.${name}`, text, LIMITS.configBytes)
}

function checkSize(field: string, text: string, most: number): void {
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes <= most) return
  throw new RegistryError('too_large', `${field}: has ${bytes} bytes; at most ${most} are allowed.`, {
    details: { field, bytes, most },
  })
}

function checkJson(field: string, value: Json | undefined): void {
  if (value === undefined) return
  if (!isWithinDepth(value, LIMITS.jsonDepth)) {
    throw new RegistryError('invalid_request', `${field}: is nested deeper than ${LIMITS.jsonDepth} levels.`)
  }
  checkSize(field, JSON.stringify(value), LIMITS.configBytes)
}
