import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The AWS provider as a process of its own, which many runs of terraform use. */
export interface SharedProvider {
  /** What terraform needs to find it. */
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/**
 * Starts the provider that `terraform init` installed in `folder`. It is a program of 600 MB: terraform checks its
 * hash, starts it and ends it several times in each run, which takes longer than most runs. `environment` is the one
 * in which it finds AWS.
 */
export async function startProvider(folder: string, environment: NodeJS.ProcessEnv): Promise<SharedProvider> {
  const child = spawn(programIn(folder), ['-debug'], {
    // Terraform gives the paths of files relative to its own folder.
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    environment: { TF_REATTACH_PROVIDERS: await addressOf(child) },
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** `.terraform/providers/<host>/hashicorp/aws/<version>/<platform>/<program>`, of which parts may be links. */
function programIn(folder: string): string {
  const inside = (path: string) => join(path, readdirSync(path)[0] ?? '')
  const version = inside(join(inside(join(folder, '.terraform/providers')), 'hashicorp/aws'))
  const platform = inside(version)
  const program = readdirSync(platform).find((name) => name.startsWith('terraform-provider-aws'))
  if (program === undefined) throw new Error(`terraform init has installed no AWS provider in ${folder}.`)
  return join(platform, program)
}

async function addressOf(child: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    if (child.stdout === null) throw new TypeError('The provider has no standard output.')
    // Goes on reading for as long as it runs: a full pipe would stop it.
    createInterface(child.stdout).on('line', (line) => {
      const [, address] = /TF_REATTACH_PROVIDERS='(.*)'/.exec(line) ?? []
      if (address !== undefined) resolve(address)
    })
    child.once('error', reject)
    child.once('close', (code) =>
      reject(new Error(`The AWS provider ended with ${code} before it listened.`)),
    )
  })
}
