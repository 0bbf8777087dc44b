import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { machine } from './machine.ts'
import { withOutput } from './written-output.ts'

/**
 * `npm run bench`: runs all benchmarks in turn and writes what they print to docs/benchmarks.md. `npm run bench -- NAME`
 * runs one and only prints; `--write NAME` writes it too.
 */
const BENCHMARKS: Readonly<Record<string, string>> = {
  client: 'the client: cached, down, hanging and uncached gets',
  server: 'resolves of a 4 KB prompt, and those that are not modified',
  import: 'a first import of 10,000 prompts, and one changed file among them',
  webhook: 'from a webhook to the draft, in serve',
  readers: 'readers beside an import and beside writers, in serve',
  growth: 'costs by the number of prompts, versions, tags, sources and readers',
  lists: 'lists of the prompts of a source and of a status',
  aws: 'calls to AWS of a first import, beside Terraform, and of a resolve',
  'cold-start': 'cold starts of the function',
  cli: 'starts of promptctl, and a command against a server',
  console: 'pages of the console with 10,000 prompts',
  render: 'filling a template',
}
const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
const USAGE = `Usage: npm run bench                       all, written to docs/benchmarks.md (about 12 minutes)
       npm run bench -- NAME [ARGUMENTS]   one, printed
       npm run bench -- --write NAME       one, printed and written

${Object.entries(BENCHMARKS)
  .map(([name, about]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}`

const [first, ...rest] = process.argv.slice(2)
if (first === undefined) for (const name of Object.keys(BENCHMARKS)) await runAndWrite(name)
else if (first === '--help') console.log(USAGE)
else if (first === '--write' && known(rest[0])) await runAndWrite(rest[0])
else if (known(first)) process.exitCode = (await run(first, rest)).code
else {
  console.error(USAGE)
  process.exitCode = 2
}

function known(name: string | undefined): name is string {
  return name !== undefined && Object.hasOwn(BENCHMARKS, name)
}

async function runAndWrite(name: string): Promise<void> {
  console.log(`\n${name}: ${BENCHMARKS[name]}`)
  const about = await machine()
  const { code, output } = await run(name, [])
  if (code !== 0) throw new Error(`The benchmark ${name} ended with ${code}, so nothing was written.`)
  const before = await readFile(DOCUMENT, 'utf8')
  await writeFile(DOCUMENT, withOutput(before, name, [`$ npm run bench -- ${name}`, about, ...output]))
}

/** Prints what the benchmark prints. */
async function run(
  name: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: readonly string[] }> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, file, ...args], {
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    process.stdout.write(part)
    output += part
  })
  const [code] = await once(child, 'close')
  return { code: code ?? 1, output: output.trimEnd().split('\n') }
}
