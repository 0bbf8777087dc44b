import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parseReference, RegistryError } from '../../api/contract/index.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { referencePath } from '../../client/paths.ts'
import { shellWord } from '../../controller/values/shell-word.ts'
import { configure, makeCli } from '../controller/cli/cli-under-test.ts'
import { createRepository } from '../support/git-repository.ts'
import { ODD_IDS, REFUSED_IDS } from '../support/odd-ids.ts'
import { startServing } from '../support/serving.ts'

const run = promisify(execFile)

test('odd ids go from file names in git through the registry, HTTP and an export, to both clients', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit(Object.fromEntries(ODD_IDS.map((id) => [`prompts/${id}.md`, `Text of ${id}\n`])))
  await repository.tag('v1.3.0')
  await configure(cli.folder, ['{ name: demo, repository: ./repo, branch: main }'])
  expect(await cli.run(['sync'])).toMatchObject({ code: 0, err: '' })
  const listed = (await cli.run(['list', '-o', 'json'])).json<{ prompts: { prompt_id: string }[] }>()
  expect(listed.prompts.map(({ prompt_id: id }) => id).sort()).toEqual([...ODD_IDS].sort())

  const references = ODD_IDS.flatMap((id) => [id, `${id}@1.3.0`])
  expect(await cli.run(['export', '--dir', 'out', ...references])).toMatchObject({
    code: 0,
    out: `${references.length} exported\n`,
  })
  const local = new PromptRegistryClient({ localDir: join(cli.folder, 'out'), env: {} })
  for (const reference of references) {
    const { id } = parseReference(reference)
    expect(await local.resolve(reference)).toMatchObject({
      text: `Text of ${id}\n`,
      promptId: id,
      tier: 'local',
    })
  }
  const { stdout } = await run('python3', ['-c', PYTHON, join(cli.folder, 'out'), ...references])
  expect(JSON.parse(stdout)).toEqual(
    references.map((reference) => `Text of ${parseReference(reference).id}\n`),
  )

  const serving = startServing(cli.folder, ['--port', '0'], {})
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(await serving.until(/http:\S+:\d+/)) ?? []
  const remote = new PromptRegistryClient({ registryUrl: url, env: {} })
  for (const reference of references) {
    const { id } = parseReference(reference)
    expect(await remote.resolve(reference), reference).toMatchObject({
      text: `Text of ${id}\n`,
      promptId: id,
      tier: 'http',
    })
  }
  const all = await run('python3', ['-c', PYTHON_HTTP, url, ...references])
  expect(JSON.parse(all.stdout)).toEqual(
    references.map((reference) => `Text of ${parseReference(reference).id}\n`),
  )
})

const CLIENT =
  'import sys, json; sys.path.insert(0, "client/python"); from prompt_registry import PromptRegistryClient as C'
const PYTHON = `${CLIENT}; c = C(local_dir=sys.argv[1], env={}); print(json.dumps([c.get(r) for r in sys.argv[2:]]))`
const PYTHON_HTTP = `${CLIENT}; c = C(registry_url=sys.argv[1], env={}); print(json.dumps([c.get(r) for r in sys.argv[2:]]))`

test('odd ids survive a shell', async () => {
  const script = ODD_IDS.map((id) => `printf '%s\\0' ${shellWord(`${id}@1.3.0`)}`).join('\n')
  const { stdout } = await run('sh', ['-c', script])
  expect(stdout.split('\0').slice(0, -1)).toEqual(ODD_IDS.map((id) => `${id}@1.3.0`))
})

test('a path never becomes that of another route, whatever the reference', () => {
  for (const [id] of REFUSED_IDS) {
    let path: string
    try {
      path = referencePath(id)
    } catch (error) {
      expect(error).toBeInstanceOf(RegistryError)
      continue
    }
    const { pathname, search, hash } = new URL(path, 'http://127.0.0.1')
    expect([pathname, search, hash], id).toEqual([path, '', ''])
    expect(decodeURIComponent(pathname)).toBe(`/prompts/${id}`)
  }
})
