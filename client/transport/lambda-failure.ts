import type { Scrub } from '../../api/contract/secrets.ts'
import { systemCode } from './system-code.ts'
import { TransportError } from './transport.ts'

/**
 * What to say when Lambda did not run the function. The cause holds no more than words: an error of the AWS SDK leads
 * to the connection and so to the headers of the request, where the session token is.
 */
export function invokeFailure(
  error: unknown,
  who: string,
  scrub: Scrub = (text) => text,
): TransportError | Response {
  const { name, message: said } = error instanceof Error ? error : new Error(String(error))
  const message = scrub(said)
  // As a Function URL says it.
  if (name === 'TooManyRequestsException') return Response.json({ Message: message }, { status: 429 })
  const code = systemCode(error)
  const cause = Object.assign(new Error(`${name}: ${message}`), code !== undefined && { code })
  return new TransportError('unreachable', `${who} ${sentenceOf(name, code)}`, { cause })
}

function sentenceOf(name: string, code: string | undefined): string {
  switch (name) {
    case 'ResourceNotFoundException':
      return 'does not exist in this account and region; check its name, and AWS_REGION.'
    case 'AccessDeniedException':
      return 'may not be invoked with these credentials; they need lambda:InvokeFunction on it.'
    case 'CredentialsProviderError':
      return 'cannot be invoked, because no AWS credentials were found; configure a role, a profile or keys.'
    case 'ExpiredTokenException':
    case 'UnrecognizedClientException':
    case 'InvalidSignatureException':
      return `cannot be invoked with these AWS credentials (${name}); renew them.`
    default:
      return code === undefined
        ? `could not be invoked (${name}); check AWS_REGION and the credentials.`
        : `could not be reached (${code}); check the network and AWS_REGION.`
  }
}
