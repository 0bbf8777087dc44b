import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'

const USAGE = `Puts the code of this checkout on a Lambda function that is there already.

  npm run build && npm run deploy -- --function NAME [--function NAME ...] [--zip FILE] [--dry-run]

  --function NAME   the function, by name or ARN; give it once for the writer and once for the reader
  --zip FILE        what to deploy (default: dist/lambda/registry.zip; for the module prompt_controller it is
                    dist/lambda/controller.zip, and dist/lambda/webhooks.zip for what takes webhooks)
  --dry-run         asks AWS whether it would take the code, and changes nothing
  --help            prints this

Region and credentials come from the environment, as for every AWS tool. They need lambda:UpdateFunctionCode,
lambda:GetFunctionConfiguration and lambda:InvokeFunction on the function.
`

/** What the caller did wrong, or what AWS said, as a sentence. */
class DeployError extends Error {}

interface Options {
  readonly functions: readonly string[]
  readonly zip: string
  readonly dryRun: boolean
}

function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parse(args)
  if (values.help) return 'help'
  if (values.function.length === 0) throw new DeployError('Name the function with --function NAME.')
  return { functions: values.function, zip: values.zip, dryRun: values['dry-run'] }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        function: { type: 'string', multiple: true, default: [] },
        zip: { type: 'string', default: 'dist/lambda/registry.zip' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (cause) {
    throw new DeployError(`${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

async function deploy({ functions, zip, dryRun }: Options): Promise<void> {
  const code = await readZip(zip)
  const client = new LambdaClient({})
  for (const name of functions) {
    say(`${name}: sending ${zip} (${Math.round(code.length / 1000)} KB)`)
    const sent = await update(client, name, code, dryRun)
    if (dryRun) {
      say(`${name}: AWS would take it; nothing was changed`)
      continue
    }
    await untilActive(client, name)
    say(`${name}: active, code ${sent.CodeSha256}`)
    await checkHealth(client, name)
    say(`${name}: GET /health answers 200`)
  }
}

async function readZip(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new DeployError(`There is no ${file}; run npm run build first, or name another with --zip.`, {
      cause,
    })
  }
}

async function update(client: LambdaClient, name: string, code: Uint8Array, dryRun: boolean) {
  try {
    return await client.send(
      new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: code, DryRun: dryRun }),
    )
  } catch (cause) {
    const { name: kind, message } = cause instanceof Error ? cause : new Error(String(cause))
    if (kind === 'ResourceNotFoundException') {
      throw new DeployError(
        `There is no function ${name} in this account and region; make it with Terraform first.`,
        { cause },
      )
    }
    throw new DeployError(`AWS did not take the code for ${name}: ${message} (${kind}).`, { cause })
  }
}

const MOST_CHECKS = 60

async function untilActive(client: LambdaClient, name: string): Promise<void> {
  for (let check = 0; check < MOST_CHECKS; check++) {
    const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }))
    if (found.LastUpdateStatus === 'Failed') throw new DeployError(failureOf(name, found))
    if (found.LastUpdateStatus === 'Successful' && found.State !== 'Pending') return
    say(`${name}: ${found.LastUpdateStatus ?? 'being updated'}`)
    await pause(1000)
  }
  throw new DeployError(`${name} was not active after a minute; look at it in the AWS console.`)
}

function failureOf(name: string, found: GetFunctionConfigurationCommandOutput): string {
  const reason = found.LastUpdateStatusReason ?? 'no reason given'
  return `${name} did not start with the new code: ${reason} (${found.LastUpdateStatusReasonCode ?? 'unknown'}).`
}

async function checkHealth(client: LambdaClient, name: string): Promise<void> {
  const http = { method: 'GET', path: '/health' }
  const payload = JSON.stringify({ rawPath: http.path, requestContext: { http } })
  const sent = await client.send(new InvokeCommand({ FunctionName: name, Payload: Buffer.from(payload) }))
  const said = Buffer.from(sent.Payload ?? '').toString('utf8')
  const status = sent.FunctionError === undefined ? JSON.parse(said)?.statusCode : sent.FunctionError
  if (status === 200) return
  throw new DeployError(
    `${name} has the new code, and GET /health answers ${status}: ${said.slice(0, 500)}\nIts log has the reason.`,
  )
}

function say(line: string): void {
  console.log(line)
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') process.stdout.write(USAGE)
  else await deploy(options)
} catch (error) {
  const isUse = error instanceof DeployError
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  console.error(isUse ? message : `${name}: ${message}`)
  process.exitCode = 1
}
