import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { simpleGit } from 'simple-git'

export interface RepositoryShape {
  readonly prompts: number
  /** Of each prompt. Default: 4,600. */
  readonly bytes?: number
  /** Releases `v1.<n>.0`, all at the only commit unless `commits` is larger. Default: 1. */
  readonly tags?: number
  /** Each one after the first changes the prompt `p0`. Default: 1. */
  readonly commits?: number
}

/** Makes a repository for benchmarks. */
export async function largeRepository(folder: string, shape: RepositoryShape): Promise<string> {
  const { tags = 1, commits = 1 } = shape
  await mkdir(folder, { recursive: true })
  const git = simpleGit(folder)
  await git.init(['--bare', '--initial-branch=main'])
  // As hosts do: commits and trees can be fetched without files.
  await git.addConfig('uploadpack.allowFilter', 'true')
  await fastImport(folder, function* () {
    for (let commit = 1; commit <= commits; commit++) {
      yield `commit refs/heads/main\nmark :${commit}\ncommitter Ada <ada@example.com> ${1_700_000_000 + commit} +0000\n${data(`commit ${commit}`)}`
      if (commit === 1) yield* files(shape)
      else yield file('p0', `changed in commit ${commit}`)
    }
    for (let tag = 0; tag < tags; tag++)
      yield `reset refs/tags/v1.${tag}.0\nfrom :${Math.max(1, commits - tags + 1 + tag)}\n\n`
  })
  return folder
}

/** Commits a change of one prompt. */
export async function changeOne(folder: string, text: string): Promise<void> {
  await fastImport(folder, function* () {
    yield `commit refs/heads/main\ncommitter Ada <ada@example.com> 1800000000 +0000\n${data(text)}from refs/heads/main^0\n`
    yield file('p1', text)
  })
}

function* files({ prompts, bytes = 4_600 }: RepositoryShape): Generator<string> {
  const line = 'You sort support tickets by urgency, and answer in the language of the customer.\n'
  const text = line.repeat(Math.ceil(bytes / line.length))
  for (let n = 0; n < prompts; n++) yield file(`p${n}`, `Prompt ${n}.\n${text}`)
}

function file(id: string, text: string): string {
  const folder = `g${Number(id.slice(1)) % 100}`
  return `M 100644 inline prompts/${folder}/${id}.md\n${data(text)}`
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`
}

async function fastImport(folder: string, commands: () => Generator<string>): Promise<void> {
  const git = spawn('git', ['fast-import', '--quiet', '--force'], {
    cwd: folder,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const ended = once(git, 'exit')
  for (const command of commands()) if (!git.stdin.write(command)) await once(git.stdin, 'drain')
  git.stdin.end()
  const [code] = await ended
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
}
