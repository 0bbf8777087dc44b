import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  InvokeCommand,
  type LambdaClient,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
import { DeployError } from './error.ts'
import type { Target } from './roll-out.ts'

export function lambdaTarget(client: LambdaClient, name: string, say: (line: string) => void): Target {
  return {
    name,
    currentPackage: () => currentPackage(client, name),
    async put(zip, Publish) {
      const code = createHash('sha256').update(zip).digest('base64')
      say(`${name}: sending code ${code} (${Math.round(zip.length / 1000)} KB)`)
      const { Version } = await update(client, { FunctionName: name, ZipFile: zip, Publish })
      return Version ?? '$LATEST'
    },
    ready: (version) => untilActive(client, name, version, say),
    demandHealth: (version) => demandHealth(client, name, version),
  }
}

/** Checks that AWS would accept the code. Throws `DeployError`. */
export async function dryRun(client: LambdaClient, name: string, zip: Uint8Array): Promise<void> {
  await update(client, { FunctionName: name, ZipFile: zip, DryRun: true })
}

async function currentPackage(client: LambdaClient, FunctionName: string): Promise<Uint8Array> {
  const { Code } = await explained(FunctionName, () => client.send(new GetFunctionCommand({ FunctionName })))
  if (Code?.RepositoryType === 'ECR') {
    throw new DeployError(
      `${FunctionName} runs an image, which its image_uri in Terraform selects; this command deploys zips.`,
    )
  }
  const answer = Code?.Location === undefined ? undefined : await fetch(Code.Location)
  if (answer?.ok === true) return new Uint8Array(await answer.arrayBuffer())
  throw new DeployError(
    `The present code of ${FunctionName} could not be downloaded (${answer?.status ?? 'no address'}), so it could not be restored; nothing was changed.`,
  )
}

type Update = ConstructorParameters<typeof UpdateFunctionCodeCommand>[0]

async function update(client: LambdaClient, input: Update) {
  return await explained(input.FunctionName ?? '', () => client.send(new UpdateFunctionCodeCommand(input)))
}

/** Explains an error of AWS. */
async function explained<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    const { name: kind, message } = cause instanceof Error ? cause : new Error(String(cause))
    if (kind === 'ResourceNotFoundException') {
      throw new DeployError(
        `Function ${name} does not exist in this account and region; create it with Terraform first.`,
        { cause },
      )
    }
    throw new DeployError(`AWS refused the deployment of ${name}: ${message} (${kind}).`, { cause })
  }
}

const MOST_CHECKS = 60

async function untilActive(
  client: LambdaClient,
  name: string,
  Qualifier: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  for (let check = 0; check < MOST_CHECKS; check++) {
    const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier }))
    if (found.LastUpdateStatus === 'Failed' || found.State === 'Failed')
      throw new DeployError(failureOf(name, found))
    if (found.LastUpdateStatus === 'Successful' && found.State !== 'Pending') return
    say(`${name}: ${found.LastUpdateStatus ?? 'being updated'}`)
    await pause(1000)
  }
  throw new DeployError(`${name} was not active after a minute; look at it in the AWS console.`)
}

function failureOf(name: string, found: GetFunctionConfigurationCommandOutput): string {
  const reason = found.LastUpdateStatusReason ?? found.StateReason ?? 'no reason given'
  const code = found.LastUpdateStatusReasonCode ?? found.StateReasonCode ?? 'unknown'
  return `${name} did not start with the new code: ${reason} (${code}).`
}

async function demandHealth(
  client: LambdaClient,
  FunctionName: string,
  Qualifier: string | undefined,
): Promise<void> {
  const http = { method: 'GET', path: '/health' }
  const Payload = Buffer.from(JSON.stringify({ rawPath: http.path, requestContext: { http } }))
  const answer = await explained(FunctionName, () =>
    client.send(new InvokeCommand({ FunctionName, Qualifier, Payload })),
  )
  const text = Buffer.from(answer.Payload ?? '').toString('utf8')
  const status = answer.FunctionError ?? statusOf(text)
  if (status === 200) return
  throw new DeployError(
    `GET /health of ${FunctionName} answers ${status}: ${text.slice(0, 500)}\nThe function's log has the reason.`,
  )
}

function statusOf(text: string): unknown {
  try {
    return JSON.parse(text)?.statusCode
  } catch {
    return 'no JSON'
  }
}
