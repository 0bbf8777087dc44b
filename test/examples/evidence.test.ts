import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeCli, words } from '../controller/cli/cli-under-test.ts'
import { attester } from '../support/attesters.ts'
import { createRepository, isolatedGitEnvironment, runGit } from '../support/git-repository.ts'
import { promptctlFolder } from '../support/promptctl-on-path.ts'

const run = promisify(execFile)
const EXAMPLE = 'examples/domain-repo'
const REFUND = 'prompts/support/refund.txt'

interface Workflow {
  readonly jobs: {
    readonly evaluate: { readonly steps: readonly { readonly name?: string; readonly run?: string }[] }
  }
}

async function stepNamed(name: string): Promise<string> {
  const workflow = parse(await readFile(join(EXAMPLE, '.github/workflows/evaluate.yml'), 'utf8')) as Workflow
  const step = workflow.jobs.evaluate.steps.find((one) => one.name === name)
  if (step?.run === undefined) throw new Error(`the workflow has no step ${name}`)
  return step.run
}

/** The example's repository, with a platform that requires its evidence. */
async function platform() {
  const cli = await makeCli()
  const ci = attester()
  const origin = await createRepository(join(cli.folder, 'origin'))
  await cp(EXAMPLE, origin.path, { recursive: true })
  await origin.commit({})
  const require = [{ evidence: 'eval', from: [ci.publicKey], maxAge: '30d' }]
  const sources = [{ name: 'support', repository: './origin', branch: 'main' }]
  await writeFile(join(cli.folder, 'promptctl.yaml'), JSON.stringify({ require, sources }))
  const bin = await promptctlFolder(cli.folder)
  let jobs = 0
  /** Runs the steps of the workflow in a new clone. */
  const evaluate = async () => {
    const name = `job-${++jobs}`
    await runGit(cli.folder, ['clone', '--quiet', '--depth', '1', `file://${origin.path}`, name])
    const cwd = join(cli.folder, name)
    const variables = join(cli.folder, `${name}.env`)
    const env = {
      ...isolatedGitEnvironment(),
      ...{ PATH: `${bin}:${process.env.PATH}`, GITHUB_ENV: variables, RUN_URL: 'https://ci.example.com/1' },
      ATTEST_KEY: String(ci.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    }
    await run('sh', ['-e', '-c', await stepNamed('Evaluate')], { cwd, env })
    const [, result = ''] = /^RESULT=(\w+)$/m.exec(await readFile(variables, 'utf8')) ?? []
    const attest = ['-e', '-c', await stepNamed('Attest')]
    return (await run('sh', attest, { cwd, env: { ...env, RESULT: result } })).stdout
  }
  return { ...cli, origin, evaluate }
}

test('the example workflow lets releases through that keep the rules, and no others', async () => {
  const { run: promptctl, origin, evaluate } = await platform()
  await origin.tag('v1.0.0')
  expect((await promptctl(['sync'])).out).toContain('3 waiting for evidence')
  expect(await evaluate()).toContain('support/refund')
  expect((await promptctl(['sync'])).out).toContain('3 promoted')

  const before = await readFile(join(origin.path, REFUND), 'utf8')
  await origin.commit({ [REFUND]: before.replace('Promise nothing', 'Promise everything') })
  await origin.tag('v1.1.0')
  expect(await evaluate()).toContain(': eval FAILED')
  expect((await promptctl(['sync'])).out).toContain('its evidence "eval" is FAILED, not PASSED')
  expect((await promptctl(words('get support/refund'))).out).toBe(before)
})
