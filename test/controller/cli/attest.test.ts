import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parseEnvelope, signersOf } from '../../../api/contract/attestation/dsse.ts'
import { parseStatement } from '../../../api/contract/attestation/statement.ts'
import { verificationKey } from '../../../api/contract/keys/verification-key.ts'
import { attester } from '../../support/attesters.ts'
import { createRepository, isolatedGitEnvironment, runGit } from '../../support/git-repository.ts'
import { promptctlFolder } from '../../support/promptctl-on-path.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { signingMissing } from '../../support/signing.ts'
import { skipWithout } from '../source/git-world.ts'
import { type CliUnderTest, cliIn, configure, makeCli, words } from './cli-under-test.ts'

const ci = attester()
const KEY = String(ci.privateKey.export({ type: 'pkcs8', format: 'pem' }))
const ATTEST = words('attest --evidence eval --result PASSED --key ../attest.key')

interface Statements {
  readonly commit: string
  readonly pushed: boolean
  readonly statements: readonly {
    readonly prompt_id: string
    readonly identity: string
    readonly ref: string
    readonly envelope: object
  }[]
}

/** A platform that needs evidence for the prompts in support/, and a CI job's shallow clone. */
async function platform(layout = {}) {
  const cli = await makeCli()
  const origin = await createRepository(join(cli.folder, 'origin'))
  await origin.commit({ 'prompts/support/triage.md': 'old\n', 'prompts/pitch.md': 'pitch\n', ...layout })
  await origin.tag('v1.0.0')
  const source = { name: 'demo', repository: './origin', branch: 'main' }
  await configure(cli.folder, [JSON.stringify(source)])
  expect(await cli.run(['sync'])).toMatchObject({ code: 0 })
  const require = [{ evidence: 'eval', prompts: ['support/**'], from: [ci.publicKey] }]
  await writeFile(join(cli.folder, 'promptctl.yaml'), JSON.stringify({ require, sources: [source] }))
  await writeFile(join(cli.folder, 'attest.key'), KEY)
  const clone = async (): Promise<CliUnderTest> => {
    await runGit(cli.folder, ['clone', '--quiet', '--depth', '1', `file://${origin.path}`, 'ci'])
    return cliIn(join(cli.folder, 'ci'))
  }
  return { ...cli, origin, clone }
}

test('a release is promoted after a CI job attested it, and not before', async () => {
  const { run, origin, clone } = await platform()
  await origin.commit({ 'prompts/support/triage.md': 'new\n' })
  await origin.tag('v1.1.0')
  const before = await run(['sync'])
  expect(before.code).toBe(0)
  expect(before.out).toContain('Release 1.1.0 of "support/triage" waits for evidence about version')
  expect((await run(words('get support/triage'))).out).toBe('old\n')

  const { code, out, err } = await (await clone()).run([...ATTEST, 'support/triage'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^support\/triage [0-9a-f]{12}: eval PASSED\nPushed 1 statement to origin\.\n$/)
  expect((await run(['sync'])).out).toContain('1 promoted')
  expect((await run(words('get support/triage'))).out).toBe('new\n')
})

test('a job without rights to push posts its statements to the registry', async () => {
  const { run, origin, clone } = await platform()
  await origin.commit({ 'prompts/support/triage.md': 'new\n' })
  await origin.tag('v1.1.0')
  await run(['sync'])
  const ci = await clone()
  const post = [...ATTEST, ...words('support/triage --to registry --config ../promptctl.yaml --source demo')]
  const dry = await ci.run([...post, '--dry-run'])
  expect(dry.out).toContain('Dry run, nothing was sent: 1 statement.')
  const { code, out, err } = await ci.run(post)
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^support\/triage [0-9a-f]{12}: eval PASSED\nPosted 1 statement to the registry\.\n$/)
  expect(await origin.git('for-each-ref', 'refs/promptctl')).toBe('')
  const events = (await run(words('events support/triage -o json'))).json<{ events: { type: string }[] }>()
  expect(events.events.filter(({ type }) => type === 'attested')).toHaveLength(1)
  expect((await run(['sync'])).out).toContain('1 promoted')
  expect((await run(words('get support/triage'))).out).toBe('new\n')
})

test('a test that failed is evidence too, and keeps the release back', async () => {
  const { run, origin, clone } = await platform()
  await origin.commit({ 'prompts/support/triage.md': 'new\n' })
  await origin.tag('v1.1.0')
  const failed = words('attest --evidence eval --result FAILED --key ../attest.key')
  expect((await (await clone()).run(failed)).code).toBe(0)
  expect((await run(['sync'])).out).toContain('its evidence "eval" is FAILED, not PASSED')
  expect((await run(words('get support/triage'))).out).toBe('old\n')
})

test('signs a statement about each version of the commit, as JSON shows it', async () => {
  const { origin, clone } = await platform()
  const ran = await (await clone()).run([...ATTEST, '--url', 'https://ci.example.com/42', '-o', 'json'])
  const { commit, pushed, statements } = ran.json<Statements>()
  expect({ commit, pushed }).toEqual({ commit: await origin.git('rev-parse', 'HEAD'), pushed: true })
  expect(statements.map(({ prompt_id }) => prompt_id)).toEqual(['pitch', 'support/triage'])
  const refs = await origin.git('for-each-ref', '--format=%(refname)', 'refs/promptctl')
  expect(statements.map(({ ref }) => ref).sort()).toEqual(refs.split('\n'))
  for (const { prompt_id, identity, envelope, ref } of statements) {
    const read = parseEnvelope(Buffer.from(JSON.stringify(envelope)))
    expect(signersOf(read, [verificationKey(ci.publicKey)])).toHaveLength(1)
    const { subject, predicate } = parseStatement(read.payloadType, read.payload)
    expect(subject).toMatchObject([{ name: prompt_id, digest: { sha256: identity } }])
    expect(predicate).toMatchObject({
      result: 'PASSED',
      configuration: [{ name: 'eval' }],
      url: 'https://ci.example.com/42',
    })
    expect(JSON.parse(await origin.git('cat-file', 'blob', ref))).toEqual(envelope)
  }
})

test('reads the layout of the repository, and attests commits, not files on disk', async () => {
  const { origin, clone, folder } = await platform({
    '.promptctl.yaml': 'directories: [other]\n',
    'other/a.md': 'a\n',
  })
  const { run } = await clone()
  await writeFile(join(folder, 'ci', 'other', 'a.md'), 'changed\n')
  const { statements } = (await run([...ATTEST, '-o', 'json'])).json<Statements>()
  expect(statements.map(({ prompt_id }) => prompt_id)).toEqual(['a'])
  expect(statements[0]?.identity).toBe('87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7')
  expect(await origin.git('rev-parse', 'HEAD')).toBeTruthy()
})

test('--since leaves out versions that another commit has', async () => {
  const { origin } = await platform()
  await origin.commit({ 'prompts/support/triage.md': 'new\n' })
  await origin.git('remote', 'add', 'origin', origin.path)
  const { run } = cliIn(origin.path)
  const list = async (since: string) =>
    (await run([...ATTEST, '--dry-run', '--since', since, '-o', 'json'])).json<Statements>().statements.length
  expect(await list('v1.0.0')).toBe(1)
  expect(await list('HEAD')).toBe(0)
  expect((await run([...ATTEST, '--since', 'HEAD'])).out).toBe('No version to attest.\n')
})

test('a dry run pushes nothing', async () => {
  const { origin, clone } = await platform()
  const { code, out } = await (await clone()).run([...ATTEST, 'pitch', '--dry-run'])
  expect(code).toBe(0)
  expect(out).toMatch(/^pitch \w+: eval PASSED\nDry run, nothing was sent: 1 statement\.\n$/)
  expect(await origin.git('for-each-ref', 'refs/promptctl')).toBe('')
})

test('reads the key from standard input', async () => {
  const { clone } = await platform()
  const args = words('attest --evidence eval --result PASSED --key - pitch')
  expect(await (await clone()).run(args, { stdin: KEY })).toMatchObject({ code: 0, err: '' })
})

describe('refuses', () => {
  const inClone = async () => {
    const folder = await scratchFolder()
    const repository = await createRepository(join(folder, 'repo'))
    await repository.commit({ 'prompts/triage.md': 'text\n' })
    await writeFile(join(folder, 'attest.key'), KEY)
    await writeFile(join(folder, 'public.key'), ci.publicKey)
    return cliIn(repository.path)
  }

  test.each([
    ['an unknown prompt', [...ATTEST, 'triag'], 2, /has no prompt "triag"\. Did you mean "triage"\?/],
    ['an unknown commit', [...ATTEST, '--commit', 'v9'], 1, /The clone has no commit "v9"\. Check the name/],
    ['an option as a commit', [...ATTEST, '--commit=--all'], 1, /The clone has no commit "--all"/],
    ['an unknown remote', [...ATTEST, '--remote', 'upstream'], 1, /The clone has no remote "upstream"/],
    [
      'a key that is not there',
      words('attest --evidence e --result PASSED --key no.key'),
      2,
      /Cannot read no\.key/,
    ],
    [
      'a public key',
      words('attest --evidence e --result PASSED --key ../public.key'),
      2,
      /\.\.\/public\.key is not a usable private key: it is a public key/,
    ],
    ['no result', words('attest --evidence e --key ../attest.key'), 2, /required option '--result <result>'/],
  ])('%s', async (_, args, code, problem) => {
    const ran = await (await inClone()).run(args)
    expect(ran.err).toMatch(problem)
    expect(ran.code).toBe(code)
  })

  test('a folder outside of a clone', async () => {
    const folder = await scratchFolder()
    await writeFile(join(folder, 'attest.key'), KEY)
    const ran = await cliIn(folder).run(words('attest --evidence e --result PASSED --key attest.key'))
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not in a git repository. Run the command in a clone.'),
    })
  })
})

test('makes evidence with the commands of docs/sources.md, under its configuration', async (context) => {
  skipWithout(context, signingMissing())
  const { run, origin, clone, folder } = await platform()
  await origin.commit({ 'prompts/support/triage.md': 'new\n' })
  await origin.tag('v1.1.0')
  const page = await readFile('docs/sources.md', 'utf8')
  const blockWith = (beginning: string) => {
    expect(page).toContain(`\n    ${beginning}`)
    const block = page.slice(page.indexOf(`\n    ${beginning}`) + 1).split('\n\n')[0] ?? ''
    return block.replaceAll(/^ {4}/gm, '')
  }
  await clone()
  const cwd = join(folder, 'ci')
  const env = { ...isolatedGitEnvironment(), PATH: `${await promptctlFolder(folder)}:${process.env.PATH}` }
  await promisify(execFile)('sh', ['-e', '-c', blockWith('ssh-keygen -q -t ed25519 -N')], { cwd, env })

  const documented = blockWith('require:  ')
  const require = documented.replace(/ssh-ed25519 \S+/, await publicKey(join(cwd, 'attest-key.pub')))
  const sources = 'sources: [{ name: demo, repository: ./origin, branch: main }]\n'
  const configured = (settings: string) =>
    writeFile(join(folder, 'promptctl.yaml'), `${settings}\n${sources}`)
  await configured(documented)
  expect((await run(['sync'])).out).toMatch(
    /waits for evidence about version \w+: it has no valid evidence "eval": a statement is not signed with a key in "from"; it has no valid evidence "evals \/ support": the check runs cannot be read/,
  )
  await configured(require.replace(/ {2}- evidence: "evals[\s\S]*/, ''))
  expect((await run(['sync'])).out).toContain('1 promoted')
  expect((await run(words('get support/triage'))).out).toBe('new\n')
})

async function publicKey(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).split(' ').slice(0, 2).join(' ')
}
