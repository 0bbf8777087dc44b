import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { DeployError } from './deploy/error.ts'
import { dryRun, lambdaTarget } from './deploy/lambda-target.ts'
import { rollOut } from './deploy/roll-out.ts'

const USAGE = `Deploy the code of this checkout to Lambda functions that Terraform has created.

  npm run build && npm run deploy -- --function NAME [--function NAME ...] [--zip FILE] [--dry-run]

  --function NAME   name or ARN of the function; for the registry, the reader and then the writer
  --zip FILE        zip to deploy (default: dist/lambda/registry.zip; for the module prompt_controller,
                    dist/lambda/controller.zip and dist/lambda/webhooks.zip)
  --dry-run         check that AWS would accept the code, without changing anything
  --help            show this help

The code is published as a version of every function and checked with GET /health. Only if all are healthy do the
functions get it; else they keep their former code.

Region and credentials come from the environment, as for every AWS tool. The credentials need lambda:GetFunction,
lambda:UpdateFunctionCode, lambda:GetFunctionConfiguration and lambda:InvokeFunction on the functions and their
versions.
`

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

async function deploy(options: Options): Promise<void> {
  const { functions, zip: file } = options
  const zip = await readZip(file)
  const client = new LambdaClient({})
  if (!options.dryRun) {
    const targets = functions.map((name) => lambdaTarget(client, name, say))
    return await rollOut(targets, zip, say)
  }
  for (const name of functions) {
    await dryRun(client, name, zip)
    say(`${name}: AWS would accept the code; nothing was changed`)
  }
}

async function readZip(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new DeployError(
      `${file} does not exist; run npm run build first, or pass another file with --zip.`,
      {
        cause,
      },
    )
  }
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
