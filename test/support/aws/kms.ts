import { createECDH, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { onTestFinished, vi } from 'vitest'

/** The order of P-256. */
const N = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

/**
 * AWS KMS as far as it signs, to which every client of this process is directed. `moto_server` cannot take its place: it
 * signs a digest as if it were the message.
 */
export async function startKms() {
  const keys = new Map<string, KeyObject>()
  const requests: Readonly<Record<string, unknown>>[] = []
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Readonly<Record<string, string>>
    requests.push({ target: request.headers['x-amz-target'], ...body })
    const key = keys.get(body.KeyId ?? '')
    const problem = problemOf(String(request.headers['x-amz-target']), body, key)
    const answer = problem ?? {
      KeyId: body.KeyId,
      Signature: signDigest(key as KeyObject, Buffer.from(body.Message ?? '', 'base64')).toString('base64'),
    }
    response.writeHead(problem === undefined ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  vi.stubEnv('AWS_ENDPOINT_URL_KMS', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test-secret')
  const newKey = () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const arn = `arn:aws:kms:eu-central-1:123456789012:key/${randomBytes(16).toString('hex')}`
    keys.set(arn, privateKey)
    return { arn, publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })) }
  }
  return { newKey, requests }
}

/** The rules of the operation Sign for such a key. */
function problemOf(
  target: string,
  { Message = '', MessageType, SigningAlgorithm }: Readonly<Record<string, string>>,
  key: KeyObject | undefined,
) {
  const bytes = Buffer.from(Message, 'base64').length
  if (target !== 'TrentService.Sign') return { __type: 'AccessDeniedException', message: target }
  if (key === undefined) return { __type: 'NotFoundException', message: 'no such key' }
  const isRight = MessageType === 'DIGEST' && SigningAlgorithm === 'ECDSA_SHA_256' && bytes === 32
  return isRight ? undefined : { __type: 'ValidationException', message: 'not a digest of SHA-256' }
}

/** ECDSA of a digest (FIPS 186-5), in DER. `node:crypto` signs only messages. */
function signDigest(key: KeyObject, digest: Buffer): Buffer {
  const d = BigInt(`0x${Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url').toString('hex')}`)
  const nonce = randomBytes(32)
  const point = createECDH('prime256v1')
  point.setPrivateKey(nonce)
  const [k, x] = [nonce, point.getPublicKey().subarray(1, 33)].map((bytes) =>
    BigInt(`0x${bytes.toString('hex')}`),
  )
  const r = (x as bigint) % N
  const s = (inverse(k as bigint) * (BigInt(`0x${digest.toString('hex')}`) + r * d)) % N
  const body = Buffer.concat([r, s].map(derInteger))
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}

/** By Fermat's little theorem: the order is prime. */
function inverse(value: bigint): bigint {
  let [result, base, exponent] = [1n, value % N, N - 2n]
  for (; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % N
    base = (base * base) % N
  }
  return result
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
  return Buffer.concat([Buffer.from([0x02, padded.length]), padded])
}
