import { type ErrorCode, RegistryError } from '../../api/contract/errors.ts'
import { html, marked } from '../html.ts'
import type { PageContent } from '../visit.ts'
import { notice } from './parts.ts'

type PageStatus = NonNullable<PageContent['status']>

const CONFLICTS: readonly ErrorCode[] = [
  'revision_conflict',
  'not_newer',
  'breaking_inputs',
  'held',
  'alias_taken',
  'label_taken',
  'nothing_to_roll_back_to',
  'version_exists',
  'id_differs_by_case',
]
const MISSING: readonly ErrorCode[] = ['not_found', 'not_released', 'route_not_found']
const REFUSED: readonly ErrorCode[] = ['forbidden', 'read_only', 'mode_not_allowed', 'not_owner']
const LATER: readonly ErrorCode[] = ['busy', 'unavailable', 'storage_full', 'lease_held', 'lease_lost']

/** The page for an error, with its next step. Errors that are not the registry's show no details. */
export function failurePage(error: unknown): PageContent {
  const { status, heading, sentence } = explained(error)
  return {
    title: heading,
    status,
    isLive: false,
    body: html`<h1>${heading}</h1>${notice(
      headingFor(status),
      html`<bdi>${marked(sentence)}</bdi>`,
      html`<p><a href="/console">All prompts</a></p>`,
    )}`,
  }
}

/** The sentence for an error inside another page. */
export function problemOf(error: unknown): string {
  return explained(error).sentence
}

function explained(error: unknown): { status: PageStatus; heading: string; sentence: string } {
  if (error instanceof RegistryError) {
    const status = statusOf(error.code)
    return { status, heading: HEADINGS[status] ?? 'That did not work', sentence: error.message }
  }
  // The console may not import the client, whose transports report an unreachable registry like this.
  const isUnreachable = error instanceof Error && error.name === 'TransportError'
  return isUnreachable
    ? { status: 503, heading: 'The registry does not answer', sentence: error.message }
    : {
        status: 500,
        heading: 'Unexpected error',
        sentence: 'The console failed in an unexpected way. Its log has the cause.',
      }
}

const HEADINGS: Readonly<Partial<Record<PageStatus, string>>> = {
  401: 'Sign in again',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not possible now',
  410: 'Gone',
  429: 'Too many attempts',
  503: 'The registry is busy',
  500: 'Unexpected error',
}

function headingFor(status: PageStatus): string {
  return status >= 500 ? 'Try again' : 'Reason'
}

export function statusOf(code: ErrorCode): PageStatus {
  if (code === 'unauthorized') return 401
  if (code === 'rate_limited') return 429
  if (code === 'gone' || code === 'revoked') return 410
  if (MISSING.includes(code)) return 404
  if (REFUSED.includes(code)) return 403
  if (CONFLICTS.includes(code)) return 409
  if (LATER.includes(code)) return 503
  return code === 'internal' || code === 'text_missing' ? 500 : 400
}
