import type { SignatureV4 } from '@smithy/signature-v4'
import type { AwsCredentials } from './aws-endpoint.ts'
import { joined } from './joined.ts'
import { TransportError } from './transport.ts'

/** Returns the headers to add to a request. `query` is signed in the order and encoding of SigV4. */
export type Sign = (request: {
  readonly method: string
  readonly url: URL
  readonly query: Readonly<Record<string, string>>
  readonly body: string | undefined
}) => Promise<Readonly<Record<string, string>>>

export interface SigningOptions {
  readonly service: string
  readonly region: string
  /** The default chain of the AWS SDK when not given. */
  readonly credentials?: AwsCredentials | undefined
  /** To begin a sentence with. */
  readonly who: string
}

/** Signs with SigV4. What signs, and what finds credentials, is loaded by the first request. */
export function createSigner(options: SigningOptions): Sign {
  const { who } = options
  let signer: Promise<SignatureV4> | undefined
  const load = () => loadSigner(options)
  return async ({ method, url, query, body }) => {
    signer ??= load()
    try {
      const signed = await (await signer).sign({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: { ...query },
        // Headers that a proxy may change are not signed.
        headers: { host: url.host },
        ...(body !== undefined && { body }),
      })
      const { host: _, ...headers } = signed.headers
      return headers
    } catch (cause) {
      signer = undefined
      if (cause instanceof TransportError) throw cause
      throw new TransportError(
        'unreachable',
        `${who} takes signed requests, and no AWS credentials were found to sign with; configure a role, a profile or keys.`,
        { cause },
      )
    }
  }
}

async function loadSigner({ service, region, credentials, who }: SigningOptions): Promise<SignatureV4> {
  const load = async () => {
    try {
      const { SignatureV4 } = await import('@smithy/signature-v4')
      if (credentials !== undefined) return { SignatureV4, found: credentials }
      const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
      return { SignatureV4, found: defaultProvider() }
    } catch (cause) {
      throw new TransportError(
        'unreachable',
        `${who} takes signed requests, and what signs them does not load; install @smithy/signature-v4 and @aws-sdk/credential-provider-node.`,
        { cause },
      )
    }
  }
  const { SignatureV4, found } = await load()
  return new SignatureV4({ service, region, credentials: found, sha256: SigningHash })
}

type Data = string | ArrayBuffer | ArrayBufferView

/** SHA-256, or its HMAC where there is a secret, as the signer asks for it. By Web Crypto, which every host has. */
class SigningHash {
  readonly #secret: Uint8Array<ArrayBuffer> | undefined
  readonly #parts: Uint8Array[] = []

  constructor(secret?: Data) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret)
  }

  update(data: Data): void {
    this.#parts.push(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    const data = joined(
      this.#parts,
      this.#parts.reduce((size, { length }) => size + length, 0),
    )
    const { subtle } = crypto
    if (this.#secret === undefined) return new Uint8Array(await subtle.digest('SHA-256', data))
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const key = await subtle.importKey('raw', this.#secret, hmac, false, ['sign'])
    return new Uint8Array(await subtle.sign(hmac, key, data))
  }
}

function bytesOf(data: Data): Uint8Array<ArrayBuffer> {
  if (typeof data === 'string') return new TextEncoder().encode(data)
  const bytes =
    data instanceof ArrayBuffer
      ? new Uint8Array(data)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return new Uint8Array(bytes)
}
