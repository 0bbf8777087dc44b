import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DCLinter } from 'dclint'
import { DockerfileParser, type JSONInstruction } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { isolatedGitEnvironment } from '../support/git-repository.ts'
import { scratchFolder } from '../support/scratch.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'infra/serve')
const read = (name: string) => readFile(join(FOLDER, name), 'utf8')
const UNIT = 'prompt-registry.service'
const analyzerMissing = await run('systemd-analyze', ['--version']).then(
  () => undefined,
  () => 'systemd-analyze is not installed',
)

/** Both Dockerfiles, from the root. */
test.each(['infra/Dockerfile', 'infra/serve/Dockerfile'])(
  '%s has nothing that a linter reports',
  async (file) => {
    expect(validate(await readFile(join(ROOT, file), 'utf8'))).toEqual([])
  },
)

test('compose.yaml is valid and has nothing that a linter reports', async () => {
  const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] })
  const [result] = linter.lintFiles([join(FOLDER, 'compose.yaml')], false)
  expect(result?.messages).toEqual([])
})

test('compose.yaml builds the image of the Dockerfile, and mounts what its command reads and writes', async () => {
  const { services } = parse(await read('compose.yaml'))
  const { build, volumes, ports, read_only } = services.registry
  expect(existsSync(join(FOLDER, build.context, build.dockerfile))).toBe(true)
  const command = await imageCommand()
  expect(volumes).toContain(`./promptctl.yaml:${after(command, '--config')}:ro`)
  const dockerfile = DockerfileParser.parse(await read('Dockerfile'))
  const [volume] = dockerfile.getInstructions().filter((one) => one.getKeyword() === 'VOLUME')
  const { registry, cache } = parse(await read('promptctl.yaml'))
  for (const path of [registry.file, cache])
    expect(path.startsWith(`${volume?.getArgumentsContent()}/`)).toBe(true)
  expect(volumes).toContain(`registry:${volume?.getArgumentsContent()}`)
  expect(ports).toEqual([`127.0.0.1:8080:${after(command, '--port')}`])
  expect(read_only).toBe(true)
})

test('the image copies what the package of promptctl runs from', async () => {
  const dockerfile = DockerfileParser.parse(await read('Dockerfile'))
  const copies = dockerfile.getCOPYs().map((copy) => copy.getArguments().map(String))
  const built = copies.flatMap(([from = '']) =>
    from.startsWith('/build/') ? [from.slice('/build/'.length)] : [],
  )
  const { files } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  expect(built).toEqual(expect.arrayContaining(['package.json', 'node_modules']))
  for (const folder of built.filter((one) => !['package.json', 'node_modules'].includes(one)))
    expect(files).toContain(folder)
  const ignored = (await read('Dockerfile.dockerignore')).split('\n')
  expect(ignored).toEqual(expect.arrayContaining(['.git', '**/node_modules', '**/secrets.env']))
})

test('the command of the image serves with its configuration, and its health check sees it', async () => {
  const served = await serves(await imageCommand(), ROOT)
  const [check] = DockerfileParser.parse(await read('Dockerfile')).getHEALTHCHECKs()
  const [, list = '[]'] = /CMD (\[.*\])$/.exec(check?.getTextContent() ?? '') ?? []
  const [, , script = '']: string[] = JSON.parse(list)
  const healthy = (url: string) =>
    run(process.execPath, ['-e', script.replace('http://127.0.0.1:8080', url)]).then(
      () => 0,
      ({ code }) => code,
    )
  expect(await healthy(served.url)).toBe(0)
  expect(await served.end()).toBe(0)
  expect(await healthy(served.url)).toBe(1)
})

test('the command of the unit serves with its configuration', async () => {
  const settings = unitSettings(await read(UNIT))
  const command = (settings.get('ExecStart') ?? '').split(' ')
  const folder = settings.get('WorkingDirectory') ?? ''
  const [program = '', ...args] = command
  expect(existsSync(program.replace(folder, ROOT))).toBe(true)
  const served = await serves([program.replace(folder, ROOT), ...args], ROOT)
  expect((await fetch(`${served.url}/health`)).status).toBe(200)
  expect(await served.end()).toBe(0)
})

test('systemd accepts the unit, and rates it as well protected', async ({ skip }) => {
  if (analyzerMissing !== undefined) skip(analyzerMissing)
  const text = (await read(UNIT)).replaceAll('/srv/prompt-registry', ROOT).replace(/^User=.*\n/m, '')
  const copy = join(await scratchFolder(), UNIT)
  await writeFile(copy, text)
  const { stdout, stderr } = await run('systemd-analyze', ['verify', '--recursive-errors=no', copy])
  expect(stdout + stderr).not.toContain(UNIT)
  // In tenths, from 0 (best) to 100; without the settings it is 92.
  await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', join(FOLDER, UNIT)])
})

test('docs/operations.md shows the files as they are', async () => {
  const operations = await readFile(join(ROOT, 'docs/operations.md'), 'utf8')
  for (const name of ['promptctl.yaml', UNIT]) {
    const indented = (await read(name)).replaceAll(/^(?=.)/gm, '    ')
    expect(operations.includes(`\n\n${indented}\n`), name).toBe(true)
  }
})

/** The settings of a unit. Each key has one value here, except the reason in comments. */
function unitSettings(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]))
}

async function imageCommand(): Promise<string[]> {
  const dockerfile = DockerfileParser.parse(await read('Dockerfile'))
  return [...dockerfile.getENTRYPOINTs(), ...dockerfile.getCMDs()].flatMap(jsonStrings)
}

function jsonStrings(instruction: JSONInstruction): string[] {
  return instruction.getJSONStrings().map((one) => JSON.parse(one.getValue()))
}

function after(command: readonly string[], option: string): string {
  return command[command.indexOf(option) + 1] ?? ''
}

/** Runs a command with its configuration, its data in a scratch folder, and on any free port of loopback. */
async function serves(command: readonly string[], cwd: string) {
  const folder = await scratchFolder()
  const config = join(folder, 'promptctl.yaml')
  const text = (await read('promptctl.yaml')).replaceAll('/var/lib/prompt-registry', join(folder, 'data'))
  await writeFile(config, text.replace('https://github.com/acme/support-prompts.git', folder))
  const changed: Readonly<Record<string, string>> = {
    [after(command, '--config')]: config,
    [after(command, '--port')]: '0',
    [after(command, '--host')]: '127.0.0.1',
    node: process.execPath,
  }
  const [program = '', ...args] = command.map((word) => changed[word] ?? word)
  const secret = 'a-secret-of-the-test-only'
  const env = {
    ...isolatedGitEnvironment(),
    AGENTS_TOKEN: secret,
    OPERATOR_TOKEN: `${secret}-2`,
    HOME: folder,
  }
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let out = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    out += String(chunk)
    if (out.includes('/console')) break
  }
  const [url = ''] = /http:\/\/[\d.:]+/.exec(out) ?? []
  return {
    url,
    async end() {
      child.kill('SIGTERM')
      return await ended
    },
  }
}
