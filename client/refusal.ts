import { type ErrorCode, isErrorCode, RegistryError } from '../api/contract/errors.ts'
import type { TransportAnswer } from './transport/transport.ts'

/**
 * The error that an answer of status 400 and more stands for: the registry's own where it names a code that we
 * know, else the nearest code for the status. Then `details.status` is the status, and `details.code` the code as
 * it was sent, so that a newer registry's word is not lost.
 */
export function refusal({ status, body }: TransportAnswer): RegistryError {
  const document: Readonly<Record<string, unknown>> = isRecord(body) ? body : {}
  const message = typeof document.error === 'string' ? document.error : undefined
  const details = isRecord(document.details) ? document.details : undefined
  if (isErrorCode(document.code)) {
    return new RegistryError(document.code, message ?? sentence(status), details && { details })
  }
  return new RegistryError(codeOf(status, message !== undefined), message ?? sentence(status), {
    details: { ...details, status, ...(document.code !== undefined && { code: document.code }) },
  })
}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  405: 'method_not_allowed',
  408: 'unavailable',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'busy',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

function codeOf(status: number, spokenByRegistry: boolean): ErrorCode {
  // An older registry says in words that there is no such prompt; anything else that answers 404 is not a registry.
  if (status === 404) return spokenByRegistry ? 'not_found' : 'route_not_found'
  return CODE_OF_STATUS[status] ?? (status >= 500 ? 'internal' : 'invalid_request')
}

function sentence(status: number): string {
  if (status === 404) return 'Nothing answers at this route (404); check the address of the registry.'
  if (status === 401 || status === 403)
    return `The registry refused access (${status}); check the credentials.`
  if (status >= 500 || status === 429)
    return `The registry cannot answer right now (${status}); try again later.`
  return `The registry refused the request (${status}).`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
