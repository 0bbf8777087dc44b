import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { typedHints } from '../../../controller/cli/hints.ts'
import { plainLook } from '../../../controller/cli/look.ts'
import { repeatedOptions } from '../../../controller/cli/options.ts'
import { createRepository } from '../../support/git-repository.ts'
import { makeCli, words } from './cli-under-test.ts'

const CHOICE = ['--config', 'my team.yaml']
const TYPED = "--config 'my team.yaml'"

/** A configuration that must be named, of a source with one released prompt. */
async function named() {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'texts'))
  await repository.commit({ 'prompts/triage.md': 'Run promptctl sync.' })
  await repository.tag('v1.0.0')
  const source = '  - { name: mail, repository: ./texts, branch: main }'
  await writeFile(join(cli.folder, 'my team.yaml'), `registry: { file: team.db }\nsources:\n${source}\n`)
  const run = async (line: string) => await cli.run([...words(line), ...CHOICE])
  return { folder: cli.folder, repository, run, execute: cli.run }
}

test('a hint repeats the configuration that the user named', async () => {
  const { run, repository, folder } = await named()
  const text = async (line: string) => {
    const { out, err } = await run(line)
    return out + err
  }
  expect(await text('list')).toContain(`Run promptctl serve ${TYPED} or promptctl sync ${TYPED} first`)
  await run('sync')
  expect(await text('hold triage')).toContain(`"promptctl unhold ${TYPED} triage"`)
  await repository.commit({ 'prompts/triage.md': 'Other.' })
  await repository.tag('v1.1.0')
  // From a finding, whose message is stored without anybody's options.
  expect(await text('sync')).toContain(`the hold is lifted: promptctl unhold ${TYPED} triage`)
  expect((await run('sources mail -o json')).out).toContain('the hold is lifted: promptctl unhold triage')
  await writeFile(join(folder, 'my team.yaml'), 'registry: { file: team.db }\nsources: []\n')
  expect(await text('sources mail')).toContain(`"promptctl sources forget ${TYPED} mail"`)
})

test('a hint that is typed as it was printed works', async () => {
  const { run, execute } = await named()
  await run('sync')
  const { out } = await run('hold triage')
  const [, name = '', id = ''] = /"promptctl (\w+) --config 'my team.yaml' (\w+)"/.exec(out) ?? []
  expect((await execute([name, ...CHOICE, id])).out).toContain('triage: hold lifted')
  expect((await execute(['sources', 'forget', ...CHOICE, 'mail', '--dry-run'])).out).toContain(
    'mail: 1 prompt',
  )
})

test('a hint repeats --registry, but no password in it', () => {
  const hint = (registry: string) => {
    const look = { ...plainLook(), repeated: repeatedOptions({ config: 'team.yaml', registry }) }
    return typedHints('Run "promptctl sync mail".', { env: {}, look })
  }
  expect(hint('http://127.0.0.1:1')).toBe(
    'Run "promptctl sync --config team.yaml --registry http://127.0.0.1:1 mail".',
  )
  expect(hint('http://ada:secret@127.0.0.1:1')).toBe('Run "promptctl sync --config team.yaml mail".')
})

test('a prompt that names a command is printed as it is', async () => {
  const { run } = await named()
  await run('sync')
  for (const line of ['get triage', 'diff triage', 'get triage -o json'])
    expect((await run(line)).out).not.toContain('--config')
  expect((await run('get triage')).out).toBe('Run promptctl sync.')
})

test.for([
  [{}, 'promptctl'],
  [{ npm_command: 'exec' }, 'npx promptctl'],
  [{ npm_command: 'run-script', npm_lifecycle_event: 'promptctl' }, 'npm run -s promptctl --'],
  [{ npm_command: 'start', npm_lifecycle_event: 'start' }, 'npx promptctl'],
] as const)('a hint has the command that can be typed there (%j)', async ([env, name]) => {
  const { run, withApi } = await makeCli()
  await withApi(async () => {})
  expect((await run(['sources'], { env })).err).toBe(`No source was synced yet. Run "${name} sync".\n`)
  expect((await run(['list', '--help'], { env })).out).toContain(`\n  ${name} list support/`)
})
