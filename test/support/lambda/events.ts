/** The events that AWS sends to a function for an HTTP request, recorded from AWS and shortened. */

export interface Asked {
  readonly method?: string
  /** As on the wire. */
  readonly path: string
  /** As in the URL, without the question mark. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly isBase64Encoded?: boolean
  /** The ARN of the request's signer. */
  readonly userArn?: string
}

const ARN = 'arn:aws:sts::123456789012:assumed-role/agent/session'

/** A Function URL with IAM auth. */
export function functionUrlEvent({ method = 'GET', path, query = '', userArn = ARN, ...rest }: Asked) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'abc.lambda-url.eu-west-1.on.aws', 'x-forwarded-proto': 'https', ...rest.headers },
    ...(query !== '' && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc',
      authentication: null,
      authorizer: {
        iam: {
          accessKey: 'ASIAEXAMPLE',
          accountId: '123456789012',
          callerId: 'AROAEXAMPLE:session',
          cognitoIdentity: null,
          principalOrgId: null,
          userArn,
          userId: 'AROAEXAMPLE:session',
        },
      },
      domainName: 'abc.lambda-url.eu-west-1.on.aws',
      domainPrefix: 'abc',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '198.51.100.7', userAgent: 'test' },
      requestId: '6f0b9c7e-2d4e-4c3c-9a58-3f2b8f3d1c55',
      routeKey: '$default',
      stage: '$default',
      time: '31/Jan/2026:12:00:00 +0000',
      timeEpoch: 1769860800000,
    },
    ...(rest.body !== undefined && { body: rest.body }),
    isBase64Encoded: rest.isBase64Encoded ?? false,
  }
}

/** An API Gateway REST API with proxy integration. It decodes the query, and uses `null` for empty values. */
export function apiGatewayEvent({ method = 'GET', path, query = '', userArn, ...rest }: Asked) {
  const headers = { Host: 'api.example.com', 'X-Forwarded-Proto': 'https', ...rest.headers }
  const search = new URLSearchParams(query)
  const names = [...new Set(search.keys())]
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: names.length === 0 ? null : Object.fromEntries(search),
    multiValueQueryStringParameters:
      names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, search.getAll(name)])),
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      resourceId: 'abc123',
      stage: 'prod',
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      identity: { sourceIp: '198.51.100.7', userArn: userArn ?? null, userAgent: 'test' },
      resourcePath: '/{proxy+}',
      httpMethod: method,
      apiId: 'api123',
    },
    body: rest.body ?? null,
    isBase64Encoded: rest.isBase64Encoded ?? false,
  }
}

/** An HTTP API on a stage with this name, which is part of its paths. `route` is the matching route. */
export function httpApiEvent({
  method = 'GET',
  path,
  query = '',
  userArn,
  stage = '$default',
  route = '$default',
  pathParameters,
  ...rest
}: Asked & {
  readonly stage?: string
  readonly route?: string
  readonly pathParameters?: Readonly<Record<string, string>>
}) {
  const routeKey = route === '$default' ? route : `ANY ${route}`
  const domainName = 'abc123.execute-api.eu-west-1.amazonaws.com'
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers: { host: domainName, 'x-forwarded-proto': 'https', ...rest.headers },
    ...(pathParameters !== undefined && { pathParameters }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc123',
      ...(userArn !== undefined && { authorizer: { iam: { accountId: '123456789012', userArn } } }),
      domainName,
      domainPrefix: 'abc123',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '198.51.100.7', userAgent: 'test' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey,
      stage,
      time: '31/Jan/2026:12:00:00 +0000',
      timeEpoch: 1769860800000,
    },
    ...(rest.body !== undefined && { body: rest.body }),
    isBase64Encoded: rest.isBase64Encoded ?? false,
  }
}

/** The platform's own minimal payload. */
export function directPayload({ method = 'GET', path, query, body }: Asked) {
  return {
    rawPath: path,
    requestContext: { http: { method, path } },
    ...(query !== undefined && { rawQueryString: query }),
    ...(body !== undefined && { body }),
  }
}
