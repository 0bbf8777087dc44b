import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
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
export const EXAMPLE = 'examples/platform'
export const PLACEHOLDER = 'infra/modules/prompt_registry/placeholder.zip'

/** What the emulator cannot do, told to the example by its variables. Each is proven to be the emulator's by a test. */
const FOR_THE_EMULATOR = {
  TF_VAR_s3_use_path_style: 'true',
  TF_VAR_tls_only: 'false',
}

/** Everything that is optional is asked for, and may be taken away again. */
const FOR_THE_TEST = {
  TF_VAR_deletion_protection: 'false',
  TF_VAR_alarm_topic_arn: `arn:aws:sns:${REGION}:123456789012:alarms`,
  TF_VAR_codebuild: '{location="https://github.com/acme/prompt-registry.git"}',
}

export type Credentials = Readonly<
  Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN', string>
>

export interface Resource {
  readonly type: string
  readonly values: Readonly<Record<string, unknown>>
}

/** As much as is used of a state of version 4. */
interface State {
  readonly resources: readonly {
    readonly mode: 'managed' | 'data'
    readonly type: string
    readonly instances: readonly { readonly attributes: Resource['values'] }[]
  }[]
}

/** The example on an emulator of AWS, with all that a test needs to run it and to look into it. */
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
  /** Runs terraform in the example. Throws where it fails. */
  terraform(...args: readonly string[]): Promise<string>
  outputs(): Promise<Readonly<Record<string, string>>>
  /** What Terraform manages now, in all modules. */
  resources(): Promise<readonly Resource[]>
  /** Credentials of a role, as Lambda and CodeBuild hand them to what they run. */
  assume(role: string): Promise<Credentials>
  /** The document of the one policy that a role has. */
  policyOf(role: string): Promise<string>
  close(): Promise<void>
}

/** `variables` are those of the example, besides what every test asks for. */
export async function startPlatform(
  variables: (aws: AwsApi) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<Platform> {
  const moto = await startMoto()
  const proxy = await startProxy(moto)
  let runsAt = proxy.url
  const recorder = await startRecorder((path) => (path.endsWith('/invocations') ? runsAt : proxy.url), REGION)
  const url = `http://127.0.0.1:${moto.port}`
  const aws = awsApi(url, REGION)
  const access = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: url,
  }
  const given = { ...FOR_THE_EMULATOR, ...FOR_THE_TEST, ...(await variables(aws)) }
  const workspace = await openWorkspace({ ...access, ...given })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const lambda = new LambdaClient({ endpoint: url, region: REGION, credentials })
  const terraform = (...args: readonly string[]) => workspace.terraform(EXAMPLE, ...args)
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
    async outputs() {
      const values = JSON.parse(await terraform('output', '-json')) as Record<string, { value: string }>
      return Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]))
    },
    async resources() {
      const state = JSON.parse(await terraform('state', 'pull')) as State
      return state.resources
        .filter(({ mode }) => mode === 'managed')
        .flatMap(({ type, instances }) => instances.map(({ attributes: values }) => ({ type, values })))
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
  deploy(name: string, zip: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** Runs functions with their applied environment, timeout and role; what they ask of AWS is recorded. */
export async function runFunctions(
  platform: Platform,
  functions: readonly AppliedFunction[],
  zip: string,
  /** Environment variables of a function that only this machine has. */
  own: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Promise<RunningFunctions> {
  const accessKeys = new Map<string, string>()
  const specs = functions.map(async ({ name, environment, timeoutMs, role }) => {
    const credentials = await platform.assume(role)
    accessKeys.set(name, credentials.AWS_ACCESS_KEY_ID)
    const env = {
      ...environment,
      ...credentials,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: platform.recorder.url,
      ...own[name],
    }
    return [name, { zip, env, timeoutMs }] as const
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
    api: (functionName) => createRegistryApi(createLambdaTransport({ functionName, timeoutMs: 30_000, sdk })),
    accessKeys,
    async deploy(FunctionName, ZipFile) {
      await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }))
    },
    async close() {
      client.destroy()
      await endpoint.close()
    },
  }
}

/**
 * Runs the deployment command with the credentials of a role, and gives what it needed. The emulator takes the code
 * and tells of it; the first request to the new code goes to where code runs.
 */
export async function deploy(
  platform: Platform,
  running: RunningFunctions,
  role: string,
  functions: readonly string[],
  zip: string,
): Promise<readonly NeededPermission[]> {
  const code = await readFile(zip)
  for (const name of functions) await running.deploy(name, code)
  const targetOf = (path: string) => (path.endsWith('/invocations') ? running.endpoint.url : platform.url)
  const recorder = await startRecorder(targetOf, REGION)
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
