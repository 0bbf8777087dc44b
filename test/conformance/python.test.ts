import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import { writeFunction } from '../support/lambda/functions.ts'
import { scratchFolder } from '../support/scratch.ts'
import type { ConformanceCase, ScriptedPrompt, ScriptedSet } from './case.ts'
import { CASES, writeLocal } from './cases.ts'
import { type ScriptedServer, startScriptedServer } from './server.ts'

const run = promisify(execFile)
const hasPython = await run('python3', ['--version']).then(
  () => true,
  () => false,
)
if (!hasPython && process.env.REQUIRE_ALL === '1') throw new Error('python3 is missing')

type Operation =
  | {
      op: 'reset'
      prompts: ScriptedServer['prompts']
      sets: Readonly<Record<string, ScriptedSet>>
      local: ConformanceCase['local'] | null
    }
  | { op: 'move'; sets: Readonly<Record<string, ScriptedSet>> }
  | { op: 'set'; prompts: Readonly<Record<string, ScriptedPrompt>> }
  | { op: 'fault'; fault: string | number; retry_after: number | null }
  | { op: 'forget' | 'requests' }

let server: ScriptedServer
const control = createServer(async (request, response) => {
  response.end(JSON.stringify(await operate((await json(request)) as Operation)))
})

async function operate(operation: Operation): Promise<object> {
  switch (operation.op) {
    case 'reset': {
      await server.reset()
      server.prompts = operation.prompts
      server.move(operation.sets)
      if (operation.local === null) return { url: server.url, local_dir: null }
      const folder = join(await scratchFolder(), 'local')
      await writeLocal(folder, operation.local)
      return { url: server.url, local_dir: folder }
    }
    case 'set':
      server.prompts = { ...server.prompts, ...operation.prompts }
      return {}
    case 'move':
      server.move(operation.sets)
      return {}
    case 'fault':
      await server.setFault(operation.fault, operation.retry_after ?? undefined)
      return {}
    case 'forget':
      server.forget()
      return {}
    case 'requests':
      return {
        requests: server.requests,
        raw_requests: server.rawRequests,
        applications: server.applications,
      }
  }
}

beforeAll(async () => {
  server = await startScriptedServer()
  await new Promise<void>((listening) => control.listen(0, '127.0.0.1', listening))
})
afterAll(async () => {
  control.close()
  control.closeAllConnections()
  await server.close()
})

describe.skipIf(!hasPython)('the Python client', () => {
  test.each(Object.keys(CASES))('passes every case of %s.json', async (file) => {
    const url = `http://127.0.0.1:${(control.address() as AddressInfo).port}`
    const { stdout } = await run('python3', [
      '-B',
      'test/conformance/run.py',
      url,
      `test/conformance/${file}.json`,
    ])
    const results = stdout
      .trim()
      .split('\n')
      .map((line): { name: string; error: string | null } => JSON.parse(line))
    expect(results.filter(({ error }) => error !== null)).toEqual([])
    expect(results.map(({ name }) => name)).toEqual(CASES[file]?.map(({ name }) => name))
  })

  test('asks once for fifty threads that want a prompt at once', async () => {
    await server.reset()
    server.prompts = { a: { content: 'A' } }
    const script = `
import sys, threading
sys.path.insert(0, "client/python")
from prompt_registry import PromptRegistryClient
client, texts, start = PromptRegistryClient(sys.argv[1], env={}), [], threading.Barrier(50)
def get():
    start.wait()
    texts.append(client.get("a"))
threads = [threading.Thread(target=get) for _ in range(50)]
for one in threads: one.start()
for one in threads: one.join()
print(set(texts), client.metrics()["requests"])`
    const { stdout } = await run('python3', ['-B', '-c', script, server.url])
    expect(stdout).toBe("{'A'} 1\n")
    expect(server.requests).toEqual(['GET /prompts/a'])
  })

  test('writes a snapshot by itself, which the TypeScript client reads, and the other way round', async () => {
    await server.reset()
    const inputs = [{ name: 'who', type: 'string', required: true }]
    const meaning = { inputs, template_language: 'simple', format: 'front-matter' }
    server.prompts = {
      a: { content: 'Ä', release: '1.0.0', ...meaning },
      b: { content: 'B', release: '2.0.0', ...meaning },
    }
    const file = join(await scratchFolder(), 'state', 'snapshot')
    const python = async (script: string) => {
      const head = `
import os, sys, time
sys.path.insert(0, "client/python")
from prompt_registry import PromptRegistryClient
url, file = sys.argv[1:]
client = PromptRegistryClient(url, snapshot_file=file, env={})`
      return (await run('python3', ['-B', '-c', `${head}\n${script}`, server.url, file])).stdout
    }
    await python(`client.get("a")\nwhile not os.path.exists(file): time.sleep(0.01)`)
    server.forget()
    const reader = new PromptRegistryClient({ registryUrl: server.url, snapshot: { file }, env: {} })
    expect(await reader.resolve('a')).toMatchObject({
      text: 'Ä',
      release: '1.0.0',
      reason: 'cached',
      tags: [],
      ...{ inputs, templateLanguage: 'simple' },
    })
    expect(server.requests).toEqual([])
    await reader.get('b')
    await reader.close()
    server.forget()
    const shown = await python(
      `print(*(client.resolve(one).release for one in "ab"), client.get("a") == "\u00c4")`,
    )
    expect(shown).toBe('1.0.0 2.0.0 True\n')
    const meant = await python(
      `import json\nfor one in "ab":\n  got = client.resolve(one)\n  print(json.dumps(got.inputs), got.template_language)`,
    )
    expect(meant.trim().split('\n')).toEqual(
      Array(2).fill('[{"name": "who", "type": "string", "required": true}] simple'),
    )
    expect(server.requests).toEqual([])
  })

  test('invokes the function by boto3, and says what Lambda said', async (context) => {
    const hasBoto3 = await run('python3', ['-c', 'import boto3']).then(
      () => true,
      () => false,
    )
    context.skip(!hasBoto3, 'boto3 is missing')
    const bundle = await writeFunction(`
      if (event.rawPath.endsWith('crash')) throw new Error('no')
      const { mode } = event.queryStringParameters ?? {}
      return { statusCode: 200, body: JSON.stringify({ content: event.rawPath + ' ' + mode }) }`)
    const endpoint = await startLambdaEndpoint({ functions: { registry: { bundle } } })
    onTestFinished(endpoint.close)
    const script = `
import sys
sys.path.insert(0, "client/python")
from prompt_registry import PromptRegistryClient, PromptResolutionError
client = PromptRegistryClient(function_name="registry", mode="dev", env={})
print(client.get("team/a@1.0"))
for name, reader in (("crash", client), ("a", PromptRegistryClient(function_name="nobody", env={}))):
    try:
        reader.get(name)
    except PromptResolutionError as error:
        print(error.code, [attempt.code for attempt in error.attempts])`
    const { stdout } = await run('python3', ['-B', '-c', script], {
      env: { ...process.env, ...endpoint.env },
    })
    expect(stdout).toBe("/prompts/team/a@1.0 dev\nbad_answer ['bad_answer']\nunavailable ['unreachable']\n")
  })

  test('is valid Python 3.9', async () => {
    const code = 'import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))'
    await run('python3', ['-c', code, 'client/python/prompt_registry.py'])
  })
})

test('the Python client renders jinja in its sandbox, with roles from the file alone', async () => {
  const script = `
import sys
sys.path.insert(0, "client/python")
import prompt_registry as p
def prompt(*texts):
    messages = [{"role": role, "content": text} for role, text in zip(("system", "user"), texts)]
    fields = dict.fromkeys(p.Resolution.__dataclass_fields__)
    return p.Resolution(**{**fields, "text": "", "template_language": "jinja", "inputs": [{"name": "x", "required": True}], "messages": messages})
def outcome(texts, value):
    try:
        return [one["content"] for one in p._render(prompt(*texts), {"x": value}).messages]
    except p.PromptRenderError as error:
        return error.code
for texts, value in (
    (("{% for a in x %}{{ a }};{% endfor %}", "{{ x[0] }}"), ["<b>", "system:"]),
    (("You are {{ x }}.", "Hi {{ x }}"), "{{ 7 * 7 }}{% raw %}"),
    (("{{ x.__class__.__mro__ }}", ""), "a"),
    (("{{ ''.__class__.__base__.__subclasses__() }}", ""), "a"),
    (("{% include 'a' %}", ""), "a"),
    (("{% if x == 'b' %}", "{% endif %}"), "a"),
    (("{{ x }}", ""), print),
):
    print(outcome(texts, value))`
  const { stdout } = await run('python3', ['-B', '-c', script])
  const lines = stdout.trimEnd().split('\n')
  if (lines[0] === 'no_engine') return expect(new Set(lines.slice(0, -1))).toEqual(new Set(['no_engine']))
  expect(lines).toEqual([
    "['<b>;system:;', '<b>']",
    "['You are {{ 7 * 7 }}{% raw %}.', 'Hi {{ 7 * 7 }}{% raw %}']",
    ...Array.from({ length: 4 }, () => 'unsupported_template'),
    'wrong_type',
  ])
})
