import type { SourceErrorCode } from '../source-error.ts'
import type { DiagnosisNames } from './diagnoses.ts'
import type { HttpAnswer } from './http-trace.ts'

export interface HttpDiagnosis {
  readonly code: SourceErrorCode
  readonly happened: string
  readonly next?: string
  readonly retryAfterMs?: number | undefined
}

export const GIT_CONTENT = 'application/x-git-upload-pack-'

/** Diagnoses an answer by its status; `undefined` for a success. */
export function diagnoseStatus(answer: HttpAnswer, names: DiagnosisNames): HttpDiagnosis | undefined {
  const { status, by, retryAfterMs } = answer
  const { host, repository, hasCredentials } = names
  if (status === 407 || (by === 'proxy' && status >= 400 && status < 500))
    return {
      code: 'proxy_refused',
      happened: `The proxy refused the connection to ${host} (HTTP ${status}).`,
    }
  if (by === 'proxy' && status >= 500)
    return { code: 'unreachable', happened: `The proxy could not reach the host ${host} (HTTP ${status}).` }
  if (status === 429)
    return {
      code: 'rate_limited',
      happened: `The host ${host} limits requests${inWords(retryAfterMs)} (HTTP 429).`,
      retryAfterMs: retryAfterMs ?? undefined,
    }
  if (status === 401)
    return hasCredentials
      ? {
          code: 'unauthorized',
          happened: `The host ${host} refused the credentials of this source for ${repository}.`,
        }
      : {
          code: 'unauthorized',
          happened: `The host ${host} requires credentials for ${repository}, but this source has none.`,
          next: 'Add credentials to this source, or check the address.',
        }
  if (status === 403)
    return { code: 'unauthorized', happened: `The host ${host} refused access to ${repository} (HTTP 403).` }
  if (status === 404 || status === 410)
    return { code: 'not_found', happened: `There is no git repository at ${repository} (HTTP ${status}).` }
  if (status >= 300 && status < 400)
    return {
      code: 'redirected',
      happened: `The host ${host} redirects ${repository} to ${target(answer)} (HTTP ${status}).`,
    }
  if (status >= 500)
    return {
      code: 'unreachable',
      happened: `The host ${host} failed to answer${inWords(retryAfterMs)} (HTTP ${status}).`,
      next: 'The controller retries automatically.',
      retryAfterMs: retryAfterMs ?? undefined,
    }
  if (status >= 400)
    return {
      code: 'not_a_repository',
      happened: `The host ${host} refused a request for ${repository} (HTTP ${status}).`,
      next: 'Check that the address is for git over HTTPS.',
    }
  return undefined
}

/** Whether a successful response is not git's protocol, but a web page, for example. */
export function isForeign({ status, contentType }: HttpAnswer): boolean {
  return status >= 200 && status < 300 && !contentType.startsWith(GIT_CONTENT)
}

export function foreignContent({ contentType }: HttpAnswer, { repository }: DiagnosisNames): HttpDiagnosis {
  const what = /html/.test(contentType)
    ? 'a web page, perhaps a login'
    : `content that is not git's protocol (${contentType || 'no content type'})`
  return { code: 'not_a_repository', happened: `The address ${repository} returned ${what}.` }
}

function inWords(ms: number | null): string {
  return ms === null ? '' : ` and asks to retry in ${Math.ceil(ms / 1000)} seconds`
}

/** The target without its query, which may hold secrets of the host. */
function target({ location }: HttpAnswer): string {
  const url = URL.parse(location ?? '')
  return url === null || !/^https?:$/.test(url.protocol)
    ? 'another address'
    : `${url.origin}${url.pathname}`.slice(0, 200)
}
