import type { LambdaFunction } from './function.ts'
import type { Answer, Asked } from './serve.ts'
import { signerOf } from './sigv4-check.ts'

const TEXT = /^(text\/|application\/(json|xml|javascript)\b)/i

/**
 * A Function URL with IAM auth: turns HTTP into an event of version 2.0, and the function's response into HTTP.
 */
export async function answerFunctionUrl(asked: Asked, deployed: LambdaFunction): Promise<Answer> {
  const accessKey = signerOf(asked, 'lambda', (key) => (key === 'test' ? 'test' : undefined))
  if (accessKey === undefined) return plain(403, { Message: 'Forbidden' })
  const outcome = await deployed.invoke(JSON.stringify(eventOf(asked, accessKey)))
  if (outcome === undefined) return plain(429, { Message: 'Rate Exceeded.' })
  if (outcome.failed) return { status: 502, body: 'Internal Server Error' }
  const { statusCode, headers, body, isBase64Encoded } = JSON.parse(outcome.payload)
  return {
    status: statusCode ?? 200,
    headers: { 'x-amzn-requestid': outcome.requestId, ...headers },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : (body ?? ''),
  }
}

function eventOf({ method, path, query, headers, body }: Asked, accessKey: string) {
  const { authorization: _, ...passed } = headers
  const isText = TEXT.test(headers['content-type'] ?? '')
  const search = new URLSearchParams(query)
  const userArn = `arn:aws:iam::123456789012:user/${accessKey}`
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: passed,
    ...(query !== '' && { queryStringParameters: Object.fromEntries(search) }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'local',
      authorizer: {
        iam: { accessKey, accountId: '123456789012', callerId: accessKey, userArn, userId: accessKey },
      },
      domainName: headers.host,
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      stage: '$default',
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

function plain(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}
