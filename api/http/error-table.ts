import type { ErrorCode } from '../contract/index.ts'

/** The kind of a request: read or write. */
export type RequestKind = 'read' | 'write'

/**
 * Maps error codes to HTTP statuses. Content that may not be served is 404 for a reader and 409 for a writer who
 * names it.
 */
const STATUS: Readonly<Record<ErrorCode, number | Readonly<Record<RequestKind, number>>>> = {
  invalid_request: 400,
  invalid_json: 400,
  invalid_text: 400,
  invalid_prompt_id: 400,
  invalid_reference: 400,
  invalid_version: 400,
  invalid_mode: 400,
  unauthorized: 401,
  forbidden: 403,
  read_only: 403,
  not_offered: 403,
  mode_not_allowed: 403,
  not_found: 404,
  not_in_set: 404,
  not_released: { read: 404, write: 409 },
  revoked: { read: 404, write: 409 },
  no_set: 404,
  gone: 410,
  route_not_found: 404,
  method_not_allowed: 405,
  id_differs_by_case: 409,
  version_exists: 409,
  label_taken: 409,
  alias_taken: 409,
  not_owner: 409,
  not_newer: 409,
  breaking_inputs: 409,
  held: 409,
  in_use: 409,
  settling: 409,
  proof_required: 409,
  revision_conflict: 409,
  nothing_to_roll_back_to: 409,
  lease_held: 409,
  lease_lost: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  // A retry does not help, but another tier may have the prompt.
  text_missing: 502,
  // A retry does not help before somebody frees space.
  storage_full: 507,
  busy: 503,
  unavailable: 503,
  internal: 500,
}

export function statusOf(code: ErrorCode, kind: RequestKind): number {
  const status = STATUS[code]
  return typeof status === 'number' ? status : status[kind]
}
