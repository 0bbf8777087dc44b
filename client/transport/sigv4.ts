import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import type { SignatureV4 } from '@smithy/signature-v4'
import { TransportError } from './transport.ts'

type SignerOptions = ConstructorParameters<typeof SignatureV4>[0]
export type AwsCredentials = SignerOptions['credentials']

/** Gives the headers that a request needs beside its own. `query` is signed in the order and encoding of SigV4. */
export type Sign = (request: {
  readonly method: string
  readonly url: URL
  readonly query: Readonly<Record<string, string>>
  readonly body: string | undefined
}) => Promise<Readonly<Record<string, string>>>

const AWS_HOST = /\.(lambda-url|execute-api)\.([a-z0-9-]+)\./

/** The service and region that a host of AWS stands for; `undefined` for every other host. */
export function awsEndpoint(host: string): { readonly service: string; readonly region: string } | undefined {
  const [, kind, region] = AWS_HOST.exec(host) ?? []
  if (kind === undefined || region === undefined) return undefined
  return { service: kind === 'lambda-url' ? 'lambda' : kind, region }
}

export interface SigningOptions {
  readonly service: string
  readonly region: string
  /** The default chain of the AWS SDK when not given. */
  readonly credentials?: AwsCredentials | undefined
  /** To begin a sentence with. */
  readonly who: string
}

/** Signs with SigV4. What signs, and what finds credentials, is loaded by the first request. */
export function createSigner({ service, region, credentials, who }: SigningOptions): Sign {
  let signer: Promise<SignatureV4> | undefined
  const load = async (): Promise<SignatureV4> => {
    const [{ SignatureV4 }, found] = await Promise.all([
      import('@smithy/signature-v4'),
      credentials ??
        import('@aws-sdk/credential-provider-node').then(({ defaultProvider }) => defaultProvider()),
    ])
    return new SignatureV4({ service, region, credentials: found, sha256: Sha256 })
  }
  return async ({ method, url, query, body }) => {
    signer ??= load()
    try {
      const signed = await (await signer).sign({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: { ...query },
        // What a proxy may change is left out of the signature.
        headers: { host: url.host },
        ...(body !== undefined && { body }),
      })
      const { host: _, ...headers } = signed.headers
      return headers
    } catch (cause) {
      signer = undefined
      throw new TransportError(
        'unreachable',
        `${who} takes signed requests, and no AWS credentials were found to sign with; give the process a role, a profile or keys.`,
        { cause },
      )
    }
  }
}

type Data = string | ArrayBuffer | ArrayBufferView

/** SHA-256, or its HMAC where there is a secret, as the signer asks for it. */
class Sha256 {
  readonly #hash: Hash | Hmac

  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}

function bytesOf(data: Data): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8')
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
