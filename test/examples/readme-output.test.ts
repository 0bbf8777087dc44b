import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { adminApi } from '../support/admin-api.ts'

/** The registry that `npm start` makes, as far as the agents see it. */
async function startRegistry() {
  const registry = openEmbeddedRegistry({ file: ':memory:', log: console })
  const api = adminApi(registry)
  const { version } = await api.push({ prompt_id: 'triage', content: 'You sort support tickets.\n' })
  await api.promote('triage', { version, alias: '1.0.0' })
  return await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
}

interface Page {
  readonly command: string
  /** The lines that the agent prints. */
  readonly output: readonly string[]
  readonly variables: Readonly<Record<string, string>>
}

function readPage(file: string): Page {
  const lines = readFileSync(file, 'utf8').split('\n')
  const shown = lines.filter((line) => line.startsWith('    ')).map((line) => line.trim())
  const command = shown.find((line) => line.startsWith('PROMPT_REGISTRY_URL=')) ?? ''
  const variables = Object.fromEntries(
    [...command.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  )
  return { command, variables, output: shown.filter((line) => /^(turn|ticket-triage) /.test(line)) }
}

test.each([
  ['examples/agent', join('node_modules', '.bin', 'node'), 'agent.ts'],
  ['examples/python-agent', 'python3', 'agent.py'],
])('%s prints what its README shows', async (folder, program, file) => {
  const page = readPage(`${folder}/README.md`)
  expect(page.command).toMatch(new RegExp(`${folder}/${file}$`))
  expect(page.output.length).toBeGreaterThan(2)
  const server = await startRegistry()
  const env = {
    PATH: process.env.PATH,
    ...page.variables,
    PROMPT_REGISTRY_URL: server.url,
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const agent = spawn(program, [`${folder}/${file}`], { env })
  onTestFinished(() => void agent.kill())
  const printed = createInterface({ input: agent.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => (await printed.next()).value
  const lines = [await nextLine()]
  const say = async () => {
    agent.stdin.write('hello\n')
    lines.push(await nextLine())
  }
  await say()
  await server.close()
  while (lines.length < page.output.length) await say()
  expect(lines.map(withoutAge)).toEqual(page.output.map(withoutAge))
})

test('examples/lambda-agent returns what its README shows', async () => {
  const lines = readFileSync('examples/lambda-agent/README.md', 'utf8')
    .split('\n')
    .map((line) => line.trim())
  const code = lines.find((line) => line.startsWith('PROMPT_REGISTRY_URL='))?.match(/-e '(.*)'$/)?.[1] ?? ''
  const server = await startRegistry()
  onTestFinished(() => server.close())
  const env = { PATH: process.env.PATH, PROMPT_REF: 'triage', PROMPT_REGISTRY_URL: server.url }
  const { stdout } = await promisify(execFile)(join('node_modules', '.bin', 'node'), ['-e', code], { env })
  expect(stdout.trim()).toBe(lines.find((line) => line.startsWith('{"prompt"')))
})

function withoutAge(line: string): string {
  return line.replace(/\d+ s old/, 'N s old')
}
