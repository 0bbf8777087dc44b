import { oneLine, type SourceError, type SourceErrorCode, sourceError } from '../source-error.ts'
import type { KnownSecrets } from './secrets.ts'

/**
 * A kind of network failure, matched against Node's code and message. The first matching row applies.
 */
interface NetworkFailure {
  readonly match: RegExp
  readonly code: SourceErrorCode
  readonly happened: (host: string) => string
  readonly next?: string
}

const CA = 'Add the authority that signed it to NODE_EXTRA_CA_CERTS.'

const ROWS: readonly NetworkFailure[] = [
  {
    match: /^(ENOTFOUND|EAI_\w+) /,
    code: 'unreachable',
    happened: (host) => `The host name ${host} does not resolve.`,
    next: 'Check the address and DNS.',
  },
  {
    match: /^ECONNREFUSED /,
    code: 'unreachable',
    happened: (host) => `The host ${host} refused the connection.`,
  },
  {
    match: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT) /,
    code: 'unreachable',
    happened: (host) => `The host ${host} cannot be reached.`,
  },
  {
    match: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID) /,
    code: 'certificate_untrusted',
    happened: (host) => `The certificate of ${host} has expired, or is not valid yet.`,
    next: 'Let the host renew its certificate, and check the clock of this machine.',
  },
  {
    match: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH) /,
    code: 'certificate_untrusted',
    happened: (host) => `The certificate of ${host} is for another name.`,
    next: 'Use the name in the certificate, or a certificate for this name.',
  },
  {
    match: /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|^(CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/,
    code: 'certificate_untrusted',
    happened: (host) => `The certificate of ${host} is not trusted.`,
    next: CA,
  },
  {
    match: /^(ERR_SSL_|ERR_TLS_|EPROTO)/,
    code: 'unreachable',
    happened: (host) => `The TLS handshake with ${host} failed.`,
    next: 'Check the scheme and port of the address, and the TLS versions of the host.',
  },
  {
    match: /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_RES|UND_ERR_HEADERS|HPE_)/,
    code: 'unreachable',
    happened: (host) => `The connection to ${host} was cut.`,
    next: 'The controller retries automatically. Check the network if it happens again.',
  },
  {
    match: /Proxy response \(\d+\)|^(UND_ERR_PRX|ERR_PROXY)/,
    code: 'proxy_refused',
    happened: (host) => `The proxy refused the connection to ${host}.`,
  },
]

/** Diagnoses a request without a response. */
export function networkFailure(error: unknown, host: string, secrets: KnownSecrets): SourceError {
  const reason = reasonOf(error)
  const { code = '', name, message } = reason
  const row = ROWS.find(({ match }) => match.test(`${code} ${message}`))
  const words = secrets.scrub(`${name}: ${message === '' ? code : message}`)
  return sourceError(
    row?.code ?? 'unreachable',
    row?.happened(host) ?? `The host ${host} cannot be reached, or its answer was cut.`,
    {
      ...(row?.next !== undefined && { next: row.next }),
      cause: new Error(oneLine(words)),
    },
  )
}

/** The innermost cause of an error; for several attempts, that of the first. */
function reasonOf(error: unknown, depth = 0): { code?: string; name: string; message: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause
  const says =
    inner instanceof Error && (inner.message !== '' || 'code' in inner || inner.cause !== undefined)
  if (inner instanceof AggregateError || (says && depth < 8)) return reasonOf(inner, depth + 1)
  const { name, message } = error
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { name, message, ...code }
}
