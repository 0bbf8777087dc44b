import { createHash } from 'node:crypto'
import { type LambdaFunction, MOST_PAYLOAD_BYTES } from './function.ts'
import { arnOf } from './runtime-api.ts'
import type { Answer, Asked } from './serve.ts'

/** A name or an ARN, with or without an alias. */
const NAME = /^(?:arn:[^:]*:lambda:[^:]*:[^:]*:function:)?([^:]*)(?::(.*))?$/
const PATH = /^\/2015-03-31\/functions\/([^/]+)(?:\/(invocations|code|configuration|package))?$/

/**
 * The part of Lambda's API that callers and deployments use: Invoke, UpdateFunctionCode, GetFunctionConfiguration,
 * and GetFunction with a download URL of the package.
 */
export async function answerInvokeApi(
  asked: Asked,
  functions: ReadonlyMap<string, LambdaFunction>,
): Promise<Answer> {
  const [, encoded, what = ''] = PATH.exec(asked.path) ?? []
  if (encoded === undefined)
    return refusal(404, 'UnknownOperationException', `No such operation: ${asked.path}`)
  const [, name = '', alias] = NAME.exec(decodeURIComponent(encoded)) ?? []
  const qualifier = alias ?? new URLSearchParams(asked.query).get('Qualifier') ?? undefined
  const deployed = functions.get(name)
  if (deployed === undefined) {
    return refusal(404, 'ResourceNotFoundException', `Function not found: ${arnOf(name)}`)
  }
  switch (`${asked.method} ${what}`) {
    case 'POST invocations':
      return await invoke(deployed, asked, qualifier)
    case 'PUT code':
      return await updateCode(deployed, asked)
    case 'GET configuration':
      if (isMissingVersion(deployed, qualifier))
        return refusal(404, 'ResourceNotFoundException', `Function not found: ${arnOf(name, qualifier)}`)
      return json(200, configuration(deployed, qualifier))
    case 'GET ':
      return json(200, {
        Configuration: configuration(deployed),
        Code: { RepositoryType: 'S3', Location: `http://${asked.headers.host}${asked.path}/package` },
      })
    case 'GET package':
      return { status: 200, body: await deployed.package() }
    default:
      return refusal(405, 'UnknownOperationException', `No such operation: ${asked.method} ${asked.path}`)
  }
}

function isMissingVersion(deployed: LambdaFunction, qualifier: string | undefined): boolean {
  return qualifier !== undefined && /^\d+$/.test(qualifier) && !deployed.hasVersion(qualifier)
}

async function invoke(
  deployed: LambdaFunction,
  { headers, body }: Asked,
  qualifier: string | undefined,
): Promise<Answer> {
  if (body.length > MOST_PAYLOAD_BYTES) {
    const message = `Request must be smaller than ${MOST_PAYLOAD_BYTES} bytes for the InvokeFunction operation`
    return refusal(413, 'RequestTooLargeException', message)
  }
  const event = body.toString('utf8') || '{}'
  if (!isJson(event)) {
    return refusal(400, 'InvalidRequestContentException', 'Could not parse request body into json')
  }
  if (isMissingVersion(deployed, qualifier)) {
    const arn = arnOf(deployed.name, qualifier)
    return refusal(404, 'ResourceNotFoundException', `Function not found: ${arn}`)
  }
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse'
  if (type === 'DryRun') return { status: 204 }
  if (type === 'Event') {
    deployed.invokeLater(event, qualifier)
    return { status: 202 }
  }
  const outcome = await deployed.invoke(event, qualifier)
  if (outcome === undefined) return refusal(429, 'TooManyRequestsException', 'Rate Exceeded.')
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': outcome.requestId,
      'x-amz-executed-version': '$LATEST',
      ...(outcome.failed && { 'x-amz-function-error': 'Unhandled' }),
    },
    body: outcome.payload,
  }
}

async function updateCode(deployed: LambdaFunction, { body }: Asked): Promise<Answer> {
  const { ZipFile, DryRun, Publish } = JSON.parse(body.toString('utf8'))
  const zip = Buffer.from(ZipFile, 'base64')
  try {
    if (DryRun !== true) await deployed.update(zip)
  } catch (error) {
    return refusal(
      400,
      'InvalidParameterValueException',
      error instanceof Error ? error.message : String(error),
    )
  }
  const CodeSha256 = createHash('sha256').update(zip).digest('base64')
  const version = Publish === true && DryRun !== true ? await deployed.publish() : undefined
  return json(200, { ...configuration(deployed, version), CodeSize: zip.length, CodeSha256 })
}

function configuration({ name }: LambdaFunction, version = '$LATEST') {
  return {
    FunctionName: name,
    FunctionArn: arnOf(name),
    Runtime: 'nodejs22.x',
    Version: version,
    State: 'Active',
    LastUpdateStatus: 'Successful',
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function refusal(status: number, type: string, message: string): Answer {
  const answer = json(status, { Type: 'User', Message: message, message })
  return { ...answer, headers: { ...answer.headers, 'x-amzn-errortype': type } }
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}
