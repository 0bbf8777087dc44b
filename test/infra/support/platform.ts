import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { createRegistryApi } from '../../../client/registry-api.ts'
import { createLambdaTransport } from '../../../client/transport/lambda.ts'
import { startMoto } from '../../support/aws/moto.ts'
import { startProxy } from '../../support/aws/proxy.ts'
import { type LambdaEndpoint, startLambdaEndpoint } from '../../support/lambda/endpoint.ts'
import { type AwsApi, awsApi, elements } from './emulator.ts'
import { type NeededPermission, type Recorder, startRecorder } from './recorder.ts'
import { openWorkspace, ROOT, type Workspace } from './terraform.ts'

export const REGION = 'eu-central-1'
export const PLACEHOLDER = 'infra/modules/prompt_registry/placeholder.zip'
export const CONTROLLER_PLACEHOLDER = 'infra/modules/prompt_controller/placeholder.zip'

export type Credentials = Readonly<
  Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN', string>
>

export interface Resource {
  readonly type: string
  /** Of a module of the root, and not of the root itself. */
  readonly inModule: boolean
  readonly values: Readonly<Record<string, unknown>>
}

/** As much as is used of a state of version 4. */
interface State {
  readonly resources: readonly {
    readonly module?: string
    readonly mode: 'managed' | 'data'
    readonly type: string
    readonly instances: readonly { readonly attributes: Resource['values'] }[]
  }[]
}

/** One of our roots and an emulator of AWS, with all that a test needs to apply it and to look into it. */
export interface Platform {
  readonly workspace: Workspace
  /** The emulator itself. */
  readonly aws: AwsApi
  readonly url: string
  /** Stands before the emulator and notes what the functions ask for. */
  readonly recorder: Recorder
  readonly lambda: LambdaClient
  /** From now on, what invokes functions goes to where they run; the emulator runs none. */
  invokeAt(url: string): void
  /** Runs terraform in the root. Throws if it fails. */
  terraform(...args: readonly string[]): Promise<string>
  /** Changes a file of the root, as a person does between two applies. Throws if it does not have `before`. */
  edit(file: string, before: string, after: string): Promise<void>
  outputs<T>(): Promise<T>
  /** What Terraform manages now, in all modules. */
  resources(): Promise<readonly Resource[]>
  /** Whether another apply would change nothing. */
  isSettled(): Promise<boolean>
  /** What another apply would change: the address of each resource and its attributes. */
  pending(): Promise<readonly string[]>
  /** Credentials of a role, as Lambda and CodeBuild hand them to what they run. */
  assume(role: string): Promise<Credentials>
  /** The document of the one policy that a role has. */
  policyOf(role: string): Promise<string>
  close(): Promise<void>
}

/**
 * Starts the emulator, beside a copy of our Terraform in which nothing is applied yet, and returns what `start` makes of
 * it. `root` is a folder of the copy. If `start` fails, nothing goes on running.
 */
export async function onPlatform<T>(root: string, start: (platform: Platform) => Promise<T>): Promise<T> {
  const platform = await startPlatform(root)
  try {
    return await start(platform)
  } catch (error) {
    await platform.close()
    throw error
  }
}

async function startPlatform(root: string): Promise<Platform> {
  const moto = await startMoto()
  const proxy = await startProxy(moto)
  let runsAt = proxy.url
  const targetsOf = (_method: string, path: string) => [path.endsWith('/invocations') ? runsAt : proxy.url]
  const recorder = await startRecorder(targetsOf, REGION)
  const url = `http://127.0.0.1:${moto.port}`
  const aws = awsApi(url, REGION)
  const access = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: url,
  }
  // Somebody who types the commands of a README answers "yes".
  const workspace = await openWorkspace({ ...access, TF_CLI_ARGS_apply: '-auto-approve' })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const lambda = new LambdaClient({ endpoint: url, region: REGION, credentials })
  const terraform = (...args: readonly string[]) => workspace.terraform(root, ...args)
  return {
    workspace,
    aws,
    url,
    recorder,
    lambda,
    terraform,
    invokeAt: (url) => {
      runsAt = url
    },
    async edit(file, before, after) {
      const path = join(workspace.path(root), file)
      const text = await readFile(path, 'utf8')
      if (!text.includes(before)) throw new Error(`${file} does not have: ${before}`)
      await writeFile(path, text.replace(before, after))
    },
    async outputs<T>() {
      const values = JSON.parse(await terraform('output', '-json')) as Record<string, { value: unknown }>
      return Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value])) as T
    },
    async resources() {
      const state = JSON.parse(await terraform('state', 'pull')) as State
      return state.resources
        .filter(({ mode }) => mode === 'managed')
        .flatMap(({ module, type, instances }) =>
          instances.map(({ attributes: values }) => ({ type, inModule: module !== undefined, values })),
        )
    },
    async isSettled() {
      const { code, output } = await workspace.run(root, 'plan', '-no-color', '-detailed-exitcode')
      if (code === 1) throw new Error(output)
      return code === 0
    },
    async pending() {
      await terraform('plan', '-no-color', '-out=pending.tfplan')
      return pendingChanges(JSON.parse(await terraform('show', '-json', 'pending.tfplan')))
    },
    assume: (role) => assume(aws, role),
    policyOf: (role) => policyOf(aws, role),
    async close() {
      lambda.destroy()
      await Promise.all([recorder.close(), proxy.close(), workspace.remove()])
      await moto.stop()
    },
  }
}

/** As much as is used of a plan in JSON. */
interface Plan {
  readonly resource_changes: readonly {
    readonly address: string
    readonly change: {
      readonly actions: readonly string[]
      readonly before: Resource['values'] | null
      readonly after: Resource['values'] | null
    }
  }[]
}

function pendingChanges({ resource_changes }: Plan): readonly string[] {
  const changed = resource_changes.filter(({ change }) => change.actions.join() !== 'no-op')
  return changed.map(({ address, change: { before, after } }) => {
    const names = Object.keys({ ...before, ...after })
    const differs = (name: string) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name])
    return `${address}: ${names.filter(differs).join(', ')}`
  })
}

async function assume(aws: AwsApi, role: string): Promise<Credentials> {
  const answer = await aws.query('sts', {
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: `arn:aws:iam::123456789012:role/${role}`,
    RoleSessionName: role,
  })
  const [AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = ''] = [
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
  ].map((name) => elements(answer, name)[0])
  return { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }
}

async function policyOf(aws: AwsApi, RoleName: string): Promise<string> {
  const version = { Version: '2010-05-08' }
  const list = (Action: string) => aws.query('iam', { Action, RoleName, ...version })
  const attached = elements(await list('ListAttachedRolePolicies'), 'PolicyName')
  const [PolicyName = '', ...more] = elements(await list('ListRolePolicies'), 'member')
  if (attached.length + more.length > 0) throw new Error(`${RoleName} has more policies than one.`)
  const answer = await aws.query('iam', { Action: 'GetRolePolicy', RoleName, PolicyName, ...version })
  return decodeURIComponent(elements(answer, 'PolicyDocument')[0] ?? '')
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64')
}

/** A function as it was applied, run on this machine since the emulator runs no code. */
export interface AppliedFunction {
  readonly name: string
  /** From its configuration on AWS. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly codeSha256: string
  readonly role: string
}

export async function appliedFunction({ lambda }: Platform, name: string): Promise<AppliedFunction> {
  const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }))
  return {
    name,
    environment: found.Environment?.Variables ?? {},
    timeoutMs: (found.Timeout ?? 0) * 1000,
    codeSha256: found.CodeSha256 ?? '',
    role: (found.Role ?? '').split('/').at(-1) ?? '',
  }
}

export interface RunningFunctions {
  readonly endpoint: LambdaEndpoint
  /** Where functions are invoked and code is deployed. */
  readonly client: LambdaClient
  api(name: string): RegistryApi
  /** The access keys that the functions sign with, by the function's name. */
  readonly accessKeys: ReadonlyMap<string, string>
  close(): Promise<void>
}

/** An option of Node for functions of the registry. */
export const LONG_TIMERS = `--import ${new URL('long-timers.ts', import.meta.url).href}`

/** An applied function, the code that it starts with, and what only this machine tells it. */
export interface FunctionToRun extends AppliedFunction {
  readonly zip: string
  readonly ownEnvironment?: Readonly<Record<string, string>>
}

/**
 * Runs functions with their applied environment and role, and ten times their timeout, for the reason in
 * long-timers.ts. Records what they ask of AWS.
 */
export async function runFunctions(
  platform: Platform,
  functions: readonly FunctionToRun[],
): Promise<RunningFunctions> {
  const accessKeys = new Map<string, string>()
  const specs = functions.map(async ({ name, environment, timeoutMs, role, zip, ownEnvironment }) => {
    const credentials = await platform.assume(role)
    accessKeys.set(name, credentials.AWS_ACCESS_KEY_ID)
    const env = {
      ...environment,
      ...credentials,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: platform.recorder.url,
      ...ownEnvironment,
    }
    return [name, { zip, env, timeoutMs: timeoutMs * 10 }] as const
  })
  const endpoint = await startLambdaEndpoint({ functions: Object.fromEntries(await Promise.all(specs)) })
  platform.invokeAt(endpoint.url)
  const sdk = {
    endpoint: endpoint.url,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
  const client = new LambdaClient(sdk)
  return {
    endpoint,
    client,
    api: (functionName) => createRegistryApi(createLambdaTransport({ functionName, timeoutMs: 60_000, sdk })),
    accessKeys,
    async close() {
      client.destroy()
      await endpoint.close()
    },
  }
}

/**
 * Runs the deployment command with the credentials of a role, and gives what it needed. New code goes to the emulator
 * and to where code runs; only the latter gives packages and answers invocations.
 */
export async function deploy(
  { platform, running }: { readonly platform: Platform; readonly running: RunningFunctions },
  role: string,
  functions: readonly string[],
  zip: string,
): Promise<readonly NeededPermission[]> {
  const runsAt = running.endpoint.url
  const targetsOf = (method: string, path: string) => {
    if (method === 'PUT' && path.endsWith('/code')) return [runsAt, platform.url]
    return [path.endsWith('/configuration') ? platform.url : runsAt]
  }
  const recorder = await startRecorder(targetsOf, REGION)
  try {
    const args = ['scripts/deploy.ts', '--zip', zip, ...functions.flatMap((name) => ['--function', name])]
    const access = { AWS_REGION: REGION, AWS_ENDPOINT_URL: recorder.url, ...(await platform.assume(role)) }
    const env = { PATH: process.env.PATH ?? '', ...access }
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, env })
    return recorder.needed
  } finally {
    await recorder.close()
  }
}
