import type { LambdaFunction } from './function.ts'
import type { Answer, Asked } from './serve.ts'

const PATH =
  /^\/sandbox\/([^/]+)\/2018-06-01\/runtime\/(init\/error|invocation\/next|invocation\/([^/]+)\/(response|error))$/

/** The Runtime API, from which a sandbox's process gets its events and to which it sends responses. */
export async function answerRuntimeApi(
  { path, body }: Asked,
  functions: ReadonlyMap<string, LambdaFunction>,
): Promise<Answer | undefined> {
  const [, encoded, what, , outcome] = PATH.exec(path) ?? []
  if (encoded === undefined) return undefined
  const id = decodeURIComponent(encoded)
  const deployed = functions.get(id.slice(0, id.lastIndexOf(':')))
  const sandbox = deployed?.sandbox(id)
  if (deployed === undefined || sandbox === undefined) return { status: 410 }
  if (what === 'invocation/next') {
    const { requestId, event, qualifier, deadlineMs } = await sandbox.next()
    const headers = {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(deadlineMs),
      'lambda-runtime-invoked-function-arn': arnOf(deployed.name, qualifier),
    }
    return { status: 200, headers, body: event }
  }
  if (what === 'init/error') sandbox.initFailed(body.toString('utf8'))
  else sandbox.done(body.toString('utf8'), outcome === 'error')
  return { status: 202 }
}

export function arnOf(name: string, qualifier?: string): string {
  const suffix = qualifier === undefined ? '' : `:${qualifier}`
  return `arn:aws:lambda:eu-west-1:123456789012:function:${name}${suffix}`
}
