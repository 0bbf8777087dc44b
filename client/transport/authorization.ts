import type { RawAnswer } from './answer.ts'
import { type AwsCredentials, awsEndpoint } from './aws-endpoint.ts'
import { createTokenSource, type Token, TokenError, type TokenSource } from './token.ts'

export interface AuthorizationOptions {
  /** Sent as `Authorization: Bearer …`, unless requests are signed. White space around it is dropped. */
  readonly token?: Token | undefined
  /** `iam` signs requests with SigV4. Default: `iam` for Function URLs of AWS Lambda, `token` for other addresses. */
  readonly auth?: HttpAuth | undefined
  /** For `iam` if the address does not name the region. */
  readonly region?: string | undefined
  /** For `iam`. Default: the credential chain of the AWS SDK. */
  readonly credentials?: AwsCredentials | undefined
}

export const HTTP_AUTHS = ['token', 'iam'] as const
export type HttpAuth = (typeof HTTP_AUTHS)[number]

export interface Authorize {
  (request: () => ToSign, renewed: boolean): SentHeaders | Promise<SentHeaders>
  /** Whether another try after a 401 would come with another credential. */
  readonly renews: boolean
}

type SentHeaders = Readonly<Record<string, string>>
type ToSign = Parameters<Signer>[0]
type Signer = Awaited<ReturnType<typeof loadSigner>>

/** Throws a `TypeError` or `TokenError` for what cannot be used. */
export function authorizer(options: AuthorizationOptions, { host }: URL, who: string): Authorize {
  const signing = signingOptions(options, host)
  if (signing !== undefined) {
    let signer: Promise<Signer> | undefined
    const sign = async (request: () => ToSign) => {
      signer ??= loadSigner({ ...signing, who })
      return await (await signer)(request())
    }
    return Object.assign(sign, { renews: false })
  }
  const source: TokenSource = createTokenSource(options.token)
  const bearer = (_request: unknown, renewed: boolean) => {
    const token = source.token(renewed)
    return token instanceof Promise ? token.then(bearerHeader) : bearerHeader(token)
  }
  return Object.assign(bearer, { renews: source.renews })
}

function bearerHeader(token: string | undefined): SentHeaders {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

async function loadSigner(options: Parameters<typeof import('./sigv4.ts').createSigner>[0]) {
  const { createSigner } = await import('./sigv4.ts')
  return createSigner(options)
}

function signingOptions({ auth, region, credentials }: AuthorizationOptions, host: string) {
  const aws = awsEndpoint(host)
  if ((auth ?? (aws?.service === 'lambda' ? 'iam' : 'token')) === 'token') return undefined
  const signedRegion = aws?.region ?? region
  if (signedRegion !== undefined)
    return { service: aws?.service ?? 'lambda', region: signedRegion, credentials }
  throw new TypeError(
    `Requests to ${host} are to be signed, and its address does not tell the region; set AWS_REGION.`,
  )
}

/** Without a token the answer is that of a registry that refuses access. Throws any other error. */
export function refusedToken(error: unknown): RawAnswer {
  if (!(error instanceof TokenError)) throw error
  const document = { error: error.message, code: 'unauthorized' }
  return { status: 401, headers: {}, bytes: new TextEncoder().encode(JSON.stringify(document)) }
}
