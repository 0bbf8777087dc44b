import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { LIMITS } from '../../../api/contract/limits.ts'
import { type Mode, parseMode } from '../../../api/contract/mode.ts'
import type { SetProof } from '../../../api/contract/proof/verify-set.ts'
import { parseReference } from '../../../api/contract/reference.ts'
import type { RegistryApi, ResolvedPrompt } from '../../../api/contract/registry-api.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { believe } from '../../../client/belief.ts'
import { allPages } from '../../../client/pages.ts'
import { encodeSnapshot, type SavedAnswer } from '../../../client/snapshot.ts'
import { shellWord } from '../../values/shell-word.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { exportFile } from '../export-file.ts'
import { type Exported, type ExportedFile, type ExportedFiles, writeSkills } from '../export-skills.ts'
import { FILE, FOLDER } from '../folder-files.ts'
import type { CommonOptions } from '../options.ts'
import { isTerminal, printJson, printLine, printNote } from '../output.ts'
import { partsOf, readSigningKey, signedSets } from '../sign-export.ts'

interface ExportOptions extends CommonOptions {
  readonly dir?: string
  readonly bundle?: string
  readonly mode?: string
  readonly prefix?: string
  readonly sign?: string
}

export function exportCommand({ runtime, exit }: CliContext): Command {
  return newCommand('export', "Export prompts into an agent's image, so that it starts without a registry", {
    group: 'read',
    examples: [
      'export --dir prompts',
      'export --bundle prompts.bundle triage triage@1.3.0',
      'export --dir p --prefix support/',
      'export --bundle prompts.bundle --sign release.key',
    ],
    notes:
      'Without references, exports every prompt that the mode sees. The client reads the folder with its option localDir, and the bundle with bundle.',
  })
    .argument('[references...]', 'References to export (default: every prompt)')
    .option('--dir <folder>', 'Write a file for each prompt, and prompts.json for the Python client')
    .option('--bundle <file>', 'Write one bundle file')
    .option('--prefix <prefix>', 'Export only prompts whose id starts with this')
    .option('--mode <mode>', 'Execution mode; simulation and dev include drafts (default: production)')
    .option('--sign <file>', 'Sign the exported prompts with this private key, for clients with verify')
    .action(async (references: readonly string[], options: ExportOptions) => {
      if (options.dir === undefined && options.bundle === undefined)
        throw new UsageError('Name a destination: --dir FOLDER, --bundle FILE, or both.')
      const mode = parseMode(options.mode ?? 'production')
      const key = options.sign === undefined ? undefined : await readSigningKey(options.sign, mode, runtime)
      const folders = foldersOf(runtime, options)
      const { found, files } = await withRegistry(options, runtime, 'read', async (api) => {
        const wanted = references.length > 0 ? references : await visible(api, options.prefix)
        const found = await resolveAll(api, wanted, mode, runtime)
        const files = await filesOf(api, found, mode)
        for (const folder of folders) await writeSkills(api, folder, found, files, { mode }, runtime)
        return { found, files }
      })
      const proofs = key === undefined ? [] : signedSets(found, key, runtime.now())
      const skipped =
        options.dir === undefined
          ? []
          : await writeFolder(resolve(runtime.cwd, options.dir), found, files, proofs)
      if (options.bundle !== undefined)
        await writeFile(
          resolve(runtime.cwd, options.bundle),
          await bundleOf(found, files, proofs, { mode, at: runtime.now() }),
          FILE,
        )
      for (const reference of skipped)
        printNote(
          runtime,
          `${reference} was not written, because a file cannot represent its config. Use --bundle.`,
        )
      const missing = references.length === 0 ? 0 : references.length - found.length
      if (wantsJson(options))
        printJson(runtime, { exported: found.map(({ reference }) => reference), skipped })
      else {
        const not = skipped.length > 0 ? `, ${skipped.length} skipped` : ''
        printLine(runtime, `${found.length} exported${not}`)
        if (isTerminal(runtime.stdout)) for (const line of uses(options)) printLine(runtime, line)
      }
      if (missing > 0 || skipped.length > 0) exit(1)
    })
}

/** What an agent does with the files, and needs for that. */
function uses({ dir, bundle }: ExportOptions): readonly string[] {
  const variables = [
    ...(dir === undefined ? [] : [`PROMPT_REGISTRY_LOCAL_DIR=${shellWord(dir)}`]),
    ...(bundle === undefined ? [] : [`PROMPT_REGISTRY_BUNDLE=${shellWord(bundle)}`]),
  ]
  return [
    `Set ${variables.join(' and ')} for your agent.`,
    'It needs @prompt-registry/client, or the file prompt_registry.py for Python.',
  ]
}

/** Where the files of skill folders go: beside the prompts, and beside the bundle. */
function foldersOf({ cwd }: CliRuntime, { dir, bundle }: ExportOptions): readonly string[] {
  return [
    ...(dir === undefined ? [] : [resolve(cwd, dir)]),
    ...(bundle === undefined ? [] : [`${resolve(cwd, bundle)}.files`]),
  ]
}

/** The ids of all prompts; those that the mode does not see are left out when they are resolved. */
async function visible(api: RegistryApi, prefix: string | undefined): Promise<readonly string[]> {
  const query = { limit: LIMITS.page, ...(prefix !== undefined && { prefix }) }
  const rows = allPages(
    (page) => api.list({ ...query, ...page }),
    ({ prompts }) => prompts,
  )
  return (await Array.fromAsync(rows)).map(({ prompt_id: id }) => id)
}

const AT_ONCE = 20

async function resolveAll(
  api: RegistryApi,
  references: readonly string[],
  mode: Mode,
  runtime: CliRuntime,
): Promise<readonly Exported[]> {
  const found: Exported[] = []
  for (let start = 0; start < references.length; start += AT_ONCE) {
    const { results } = await api.resolveMany({ references: references.slice(start, start + AT_ONCE), mode })
    for (const result of results) {
      if ('prompt' in result) found.push(result)
      else if ('code' in result && !NOT_VISIBLE.includes(result.code))
        printNote(runtime, `${result.reference} was not exported: ${result.error} [${result.code}]`)
    }
  }
  return found
}

/**
 * The files of prompts, by reference. Asked for on their own, because an answer with its file has another entity tag.
 */
async function filesOf(api: RegistryApi, found: readonly Exported[], mode: Mode): Promise<ExportedFiles> {
  const files = new Map<string, ExportedFile>()
  for (let start = 0; start < found.length; start += AT_ONCE) {
    const references = found.slice(start, start + AT_ONCE).map(({ reference }) => reference)
    const { results } = await api.resolveMany({ references, mode, include: ['file', 'messages'] })
    for (const result of results) {
      if (!('prompt' in result)) continue
      const { file, files: others, additions, sidecars, messages, template } = result.prompt
      files.set(result.reference, { file, files: others, additions, sidecars, messages, template })
    }
  }
  return files
}

const NOT_VISIBLE: readonly string[] = ['not_released', 'revoked', 'gone']

/** The references that no file can hold. */
async function writeFolder(
  folder: string,
  all: readonly Exported[],
  files: ExportedFiles,
  proofs: readonly SetProof[],
): Promise<readonly string[]> {
  // Files of an earlier export stay, and so do their entries.
  const index = await readIndex(join(folder, 'prompts.json'))
  const skipped: string[] = []
  for (const { reference, prompt } of all) {
    const file = exportFile(reference, { ...prompt, ...files.get(reference) })
    if (file === undefined) {
      skipped.push(reference)
      continue
    }
    const path = join(folder, file.path)
    await mkdir(dirname(path), FOLDER)
    await writeFile(path, file.text, FILE)
    index.set(reference, indexEntry(prompt, files.get(reference)))
  }
  await mkdir(folder, FOLDER)
  await writeFile(
    join(folder, 'prompts.json'),
    `${JSON.stringify(Object.fromEntries(index), null, 2)}\n`,
    FILE,
  )
  if (proofs.length > 0)
    await writeFile(join(folder, 'proofs.json'), `${JSON.stringify(proofs, null, 2)}\n`, FILE)
  return skipped
}

/**
 * What a client without a reader of prompt files needs: the reading of the file, and its version. And what its identity
 * covers besides the content.
 */
function indexEntry(prompt: ResolvedPrompt, file: ExportedFile | undefined): object {
  const fields: Partial<ResolvedPrompt> = { ...prompt, ...file }
  const { frontMatter, ...others } = partsOf(prompt, file)
  return {
    ...Object.fromEntries(INDEXED.map((name) => [name, fields[name] ?? null])),
    front_matter: frontMatter,
    ...others,
  }
}

const INDEXED = [
  ...(['version', 'release', 'status', 'description', 'tags', 'variables', 'config', 'inputs'] as const),
  ...(['format', 'template_language', 'messages', 'template'] as const),
]

/** The entries of an index by reference; none if there is no index, or it is damaged. */
async function readIndex(file: string): Promise<Map<string, unknown>> {
  try {
    const index: unknown = JSON.parse(await readFile(file, 'utf8'))
    return new Map(typeof index === 'object' && index !== null ? Object.entries(index) : [])
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isMissing || error instanceof SyntaxError) return new Map()
    throw error
  }
}

async function bundleOf(
  all: readonly Exported[],
  files: ExportedFiles,
  proofs: readonly SetProof[],
  { mode, at }: { readonly mode: Mode; readonly at: number },
): Promise<string> {
  const answers = all.map(async ({ reference, etag, prompt }): Promise<SavedAnswer> => {
    const question = { key: reference, reference, parsed: parseReference(reference), mode }
    const found = await believe(prompt, question, sha256)
    return { reference, mode, tier: 'http', etag, at, found, parts: partsOf(prompt, files.get(reference)) }
  })
  return await encodeSnapshot(await Promise.all(answers), null, sha256, proofs)
}
