import { join } from 'node:path'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import {
  type AppliedFunction,
  appliedFunction,
  LONG_TIMERS,
  onPlatform,
  PLACEHOLDER,
  type Platform,
  type RunningFunctions,
  runFunctions,
} from './platform.ts'
import { blocksBelow, exportsOf, variablesOf } from './readme.ts'
import { ROOT } from './terraform.ts'

export const EXAMPLE = 'examples/platform'
export const README = `${EXAMPLE}/README.md`

export type Role = 'writer' | 'reader'

/** The example as its README applies it to an emulator, and the registry's functions on this machine. */
export interface ExampleWorld {
  /** What the commands of the README printed, and what those for an emulator set. */
  readonly readme: {
    readonly planned: string
    readonly applied: string
    readonly variables: Readonly<Record<string, string>>
  }
  readonly platform: Platform
  readonly running: RunningFunctions
  /** As the functions were applied. */
  readonly applied: Readonly<Record<Role, AppliedFunction>>
  output(name: string): string
  api(role: Role): RegistryApi
  /** What the Scheduler does with a schedule as it was applied. Gives what it would drop: the function's answer. */
  fire(schedule: string): Promise<unknown>
  close(): Promise<void>
}

export async function startExampleWorld(): Promise<ExampleWorld> {
  return await onPlatform(EXAMPLE, makeWorld)
}

async function makeWorld(platform: Platform): Promise<ExampleWorld> {
  const readme = await followReadme(platform)
  const outputs = await platform.outputs<Readonly<Record<string, string>>>()
  const output = (name: string) => outputs[name] ?? ''
  const applied = {
    writer: await appliedFunction(platform, output('prompt_registry_writer_lambda_name')),
    reader: await appliedFunction(platform, output('prompt_registry_lambda_name')),
  }
  const zip = join(ROOT, PLACEHOLDER)
  const running = await runFunctions(
    platform,
    Object.values(applied).map((one) => ({ ...one, zip, ownEnvironment: { NODE_OPTIONS: LONG_TIMERS } })),
  )
  return {
    ...{ readme, platform, running, applied, output },
    api: (role) => running.api(applied[role].name),
    async fire(schedule) {
      const { Target } = await platform.aws.get('scheduler', `/schedules/${schedule}`)
      const { Arn, Input } = Target as { readonly Arn: string; readonly Input: string }
      const command = new InvokeCommand({ FunctionName: Arn, Payload: Buffer.from(Input) })
      const { Payload } = await running.client.send(command)
      return JSON.parse(Buffer.from(Payload ?? '').toString())
    },
    async close() {
      await running.close()
      await platform.close()
    },
  }
}

/** Runs the commands of the README: those for AWS up to the plan, and those for an emulator. */
async function followReadme({ workspace, url }: Platform): Promise<ExampleWorld['readme']> {
  const [forAws = ''] = await blocksBelow(README, 'Apply it')
  const [block = ''] = await blocksBelow(README, 'On an emulator')
  const forEmulator = block.replace('http://127.0.0.1:5000', url)
  const [beforePlan = ''] = forAws.split('terraform plan\n')
  await workspace.shell(EXAMPLE, beforePlan)
  // The provider finds the emulator by nothing but what the README exports.
  await workspace.shareProvider(EXAMPLE, exportsOf(forEmulator))
  const afterInit = forAws.slice(beforePlan.length)
  const planned = await workspace.shell(EXAMPLE, afterInit.replace('terraform apply\n', ''))
  const applied = await workspace.shell(EXAMPLE, forEmulator)
  const variables = variablesOf(forEmulator)
  workspace.set(variables)
  return { planned, applied, variables }
}
