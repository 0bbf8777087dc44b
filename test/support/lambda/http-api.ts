import type { LambdaFunction } from './function.ts'
import type { Answer, Asked } from './serve.ts'

/** The types that API Gateway treats as text. All other bodies reach the function in base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript)\b)/i
/** The payload limit of a synchronous invocation. The gateway has its own error for it. */
const MOST_BYTES = 6 * 1024 * 1024

/**
 * API Gateway's HTTP API with one route: turns HTTP into an event of payload version 2.0, and the response into
 * HTTP.
 */
export async function answerHttpApi(
  asked: Asked,
  routeKey: string,
  deployed: LambdaFunction,
): Promise<Answer> {
  const parameters = match(asked, routeKey)
  if (parameters === undefined) return plain(404, 'Not Found')
  const event = JSON.stringify(eventOf(asked, routeKey, parameters))
  if (Buffer.byteLength(event) > MOST_BYTES) return plain(413, 'Request Entity Too Large')
  const outcome = await deployed.invoke(event)
  if (outcome === undefined) return plain(503, 'Service Unavailable')
  if (outcome.failed) return plain(500, 'Internal Server Error')
  const { statusCode, headers, body, isBase64Encoded } = JSON.parse(outcome.payload)
  return {
    status: statusCode ?? 200,
    headers: { 'apigw-requestid': outcome.requestId, ...headers },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : (body ?? ''),
  }
}

/** The parameters of a path such as `/webhooks/{source}`; `undefined` if the route does not match. */
function match({ method, path }: Asked, routeKey: string): Record<string, string> | undefined {
  const [routeMethod, route = ''] = routeKey.split(' ')
  const pattern = new RegExp(`^${route.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
  const found = routeMethod === method ? pattern.exec(path) : null
  return found === null ? undefined : { ...found.groups }
}

function eventOf(asked: Asked, routeKey: string, pathParameters: Record<string, string>) {
  const { method, path, query, headers, body } = asked
  const isText = TEXT.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers,
    pathParameters,
    requestContext: {
      accountId: '123456789012',
      apiId: 'local',
      domainName: headers.host,
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      routeKey,
      stage: '$default',
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

function plain(status: number, message: string): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) }
}
