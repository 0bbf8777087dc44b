import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { pullRequestOf } from '../../scripts/action/pull-request.ts'
import { createRepository, isolatedGitEnvironment, type TestRepository } from '../support/git-repository.ts'
import { scratchFolder } from '../support/scratch.ts'
import { startServing } from '../support/serving.ts'
import { githubPayloads } from '../support/webhook-deliveries.ts'

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] }
}

interface ActionStep {
  readonly id?: string
  readonly shell: string
  readonly run: string
  readonly env?: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '../..')
const ACTION: Action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8'))
const CHECK = ACTION.runs.steps.find(({ id }) => id === 'check') as ActionStep

/** A checked-out repository whose pull request 7 changes one prompt and adds a broken one. */
async function proposed(changes: Parameters<TestRepository['commit']>[0]): Promise<TestRepository> {
  const repository = await createRepository(join(await scratchFolder(), 'support-prompts'))
  await repository.commit({ 'prompts/triage.md': 'You sort messages.\n' })
  const base = await repository.git('rev-parse', 'HEAD')
  await repository.git('checkout', '--quiet', '-b', 'change')
  const head = await repository.commit(changes)
  await repository.git('update-ref', 'refs/pull/7/head', head)
  await repository.git('update-ref', 'refs/heads/main', base)
  return repository
}

function eventOf(repository: TestRepository, from = 'acme/support-prompts') {
  const repo = { full_name: 'acme/support-prompts', clone_url: repository.path }
  const head = { repo: { ...repo, full_name: from } }
  return { number: 7, pull_request: { number: 7, base: { ref: 'main', repo }, head } }
}

/** Runs the step as a runner does: the inputs in its environment, the files of the job, the checkout as folder. */
async function runStep(
  { path }: TestRepository,
  event: object,
  inputs: Readonly<Record<string, string>> = {},
): Promise<{ code: number; log: string; summary: string; outputs: Record<string, string> }> {
  const temp = await scratchFolder()
  const file = async (name: string, text: string) => {
    await writeFile(join(temp, name), text)
    return join(temp, name)
  }
  const env = {
    ...isolatedGitEnvironment(),
    ...stepEnvironment(inputs),
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION_PATH: ROOT,
    GITHUB_REPOSITORY: 'acme/support-prompts',
    GITHUB_EVENT_PATH: await file('event.json', JSON.stringify(event)),
    GITHUB_STEP_SUMMARY: await file('summary.md', ''),
    GITHUB_OUTPUT: await file('output', ''),
    RUNNER_TEMP: temp,
  }
  const { code, log } = await bash(CHECK.run, path, env)
  const lines = (await readFile(env.GITHUB_OUTPUT, 'utf8')).split('\n').filter((line) => line !== '')
  const outputs = Object.fromEntries(lines.map((line) => line.split('=')))
  return { code, log, summary: await readFile(env.GITHUB_STEP_SUMMARY, 'utf8'), outputs }
}

function stepEnvironment(inputs: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(CHECK.env ?? {}).map(([name, value]) => {
    const [, input = ''] = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(value) ?? []
    const { default: preset = '' } = ACTION.inputs[input] ?? {}
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub.
    return [name, inputs[input] ?? preset.replace('${{ github.token }}', 'ghs_token')]
  })
  return Object.fromEntries(entries)
}

async function bash(script: string, cwd: string, env: Record<string, string>) {
  return await new Promise<{ code: number; log: string }>((done) => {
    execFile('bash', ['-eo', 'pipefail', '-c', script], { cwd, env }, (error, out, err) => {
      done({ code: error === null ? 0 : Number(error.code), log: out + err })
    })
  })
}

describe('the action', () => {
  test('annotates the files, and shows the plan in the summary of the job', async () => {
    const repository = await proposed({
      'prompts/triage.md': 'You sort messages by urgency.\n',
      'prompts/broken.md': Buffer.from([0xff, 0xfe]),
    })
    const { code, log, summary, outputs } = await runStep(repository, eventOf(repository))
    expect(code).toBe(1)
    expect(log).toMatch(/^::error file=prompts\/broken\.md,line=1,col=1,title=\w+::/m)
    expect(summary).toContain('`support-prompts`: 1 prompt changed')
    expect(summary).toContain('+You sort messages by urgency.')
    expect(summary).toContain('Would be quarantined')
    expect(outputs).toEqual({ errors: '1', warnings: '0', changes: '1', promotions: '1' })
  })

  test('passes a clean pull request, and fails one with warnings if strict', async () => {
    const repository = await proposed({ 'prompts/new.md': '---\nvariables: [unused]\n---\nText.\n' })
    const event = eventOf(repository)
    expect(await runStep(repository, event)).toMatchObject({
      code: 0,
      outputs: { errors: '0', warnings: '1', changes: '1' },
    })
    expect(await runStep(repository, event, { strict: 'true' })).toMatchObject({ code: 1 })
  })

  test('compares with the registry of the inputs, under the prefix of the source', async () => {
    const repository = await proposed({ 'prompts/triage.md': 'You sort messages by urgency.\n' })
    await repository.git('update-ref', 'refs/tags/v1.0.0', 'refs/heads/main')
    const platform = await scratchFolder()
    await writeFile(
      join(platform, 'promptctl.yaml'),
      JSON.stringify({
        registry: { tokens: [{ name: 'ci', access: 'read', env: 'CI_TOKEN' }] },
        sources: [
          { name: 'support-prompts', repository: repository.path, branch: 'main', idPrefix: 'support/' },
        ],
      }),
    )
    const token = 'a-token-of-the-platform'
    const serving = startServing(platform, ['--port', '0'], { CI_TOKEN: token })
    const out = await serving.until(/support-prompts: synced[\s\S]*\n/)
    const [registry = ''] = /http:\/\/[\d.:]+/.exec(out) ?? []
    const inputs = { registry, 'id-prefix': 'support/', 'registry-token': token }
    const { summary, outputs } = await runStep(repository, eventOf(repository), inputs)
    const wrong = await runStep(repository, eventOf(repository), { ...inputs, 'registry-token': 'another' })
    await serving.end()
    expect(wrong.code).toBe(1)
    expect(wrong.summary).toContain('No plan: the log of the job has the reason.')
    expect(summary).toContain('changed: <code>support/triage</code>')
    expect(outputs).toMatchObject({ changes: '1', promotions: '1' })
  })

  test('uses the settings of a promptctl.yaml', async () => {
    const repository = await proposed({ 'texts/new.md': 'Text.\n' })
    await mkdir(join(repository.path, 'platform'))
    const source = { name: 'texts', repository: repository.path, branch: 'main', directories: ['texts'] }
    await writeFile(join(repository.path, 'platform/promptctl.yaml'), JSON.stringify({ sources: [source] }))
    const config = 'platform/promptctl.yaml'
    const ran = await runStep(repository, eventOf(repository), { config, source: 'texts' })
    expect(ran).toMatchObject({ code: 0, outputs: { errors: '0', changes: '1' } })
    expect(ran.summary).toContain('new: <code>new</code>')
    const refused = await runStep(repository, eventOf(repository), { config })
    expect(refused.code).toBe(1)
    expect(refused.log).toContain(`Set the input source: the name of a source in ${config}.`)
  })

  test('only lints for other events, and for a fork if the registry needs a token', async () => {
    const repository = await proposed({ 'prompts/new.md': 'Text.\n' })
    const push = await runStep(repository, { ref: 'refs/heads/main' })
    expect(push).toMatchObject({ code: 0, outputs: { errors: '0', warnings: '0' } })
    expect(push.summary).toContain('No plan: the event is not a pull request.')
    const fork = await runStep(repository, eventOf(repository, 'mallory/support-prompts'), {
      registry: 'https://registry.example',
    })
    expect(fork.code).toBe(0)
    expect(fork.summary).toContain('from a fork')
  })

  test('prints no text of the repository that a runner would obey', async () => {
    const repository = await proposed({ 'prompts/new.md': '::add-mask::e\n\n`````\n<script>\n' })
    const { log, summary } = await runStep(repository, eventOf(repository))
    expect(log).not.toContain('::add-mask::')
    expect(summary).toContain('``````diff')
  })

  test('fails with the reason if there is no such pull request', async () => {
    const repository = await proposed({ 'prompts/new.md': 'Text.\n' })
    await repository.git('update-ref', '-d', 'refs/pull/7/head')
    const { code, log } = await runStep(repository, eventOf(repository))
    expect(code).toBe(1)
    expect(log).toMatch(/::stop-commands::\S+\nsupport-prompts: .*7/)
  })
})

describe('action.yml', () => {
  test('hands over every input in the environment, and puts no expression into a script', () => {
    const handed = Object.entries(CHECK.env ?? {})
    const expected = Object.keys(ACTION.inputs).map((name) => [
      `INPUT_${name.toUpperCase().replaceAll('-', '_')}`,
      `\${{ inputs.${name} }}`,
    ])
    expect(handed).toEqual(expected)
    for (const { run, shell } of ACTION.runs.steps) {
      expect(run).not.toContain('${{')
      expect(shell).toBe('bash')
    }
    expect(ACTION.runs.using).toBe('composite')
  })
})

test('finds the pull request in every event that GitHub documents for pull requests', () => {
  const events = githubPayloads('pull_request')
  expect(events.length).toBeGreaterThan(5)
  for (const event of events)
    expect(pullRequestOf(event)).toMatchObject({
      base: expect.any(String),
      repository: expect.stringMatching(/\.git$/),
    })
  expect(pullRequestOf(githubPayloads('push')[0])).toBeNull()
})
