import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { type FolderFile, SKILL_FILE } from '../../../api/contract/folder-files.ts'
import type { ResolvedPrompt } from '../../../api/contract/registry-api.ts'
import { given } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { CommandError } from '../failure.ts'
import { binaryPaths, FILE, FOLDER, notWritten, writeFolderFiles } from '../folder-files.ts'
import type { CommonOptions } from '../options.ts'
import { isTerminal, printJson, printLine, printNote, withLines } from '../output.ts'
import { printTable } from '../table.ts'

interface FilesOptions extends CommonOptions {
  readonly mode?: string
  readonly dir?: string
}

export function filesCommand({ runtime }: CliContext): Command {
  return newCommand('files', 'List, print or save the files of a skill folder', {
    group: 'read',
    examples: [
      'files tidy-notes/SKILL',
      'files tidy-notes/SKILL references/style.md',
      'files tidy-notes/SKILL@1.3.0 --dir .claude/skills/tidy-notes',
    ],
    notes:
      'Lists the files beside SKILL.md. With a path, prints that file byte for byte. The registry has only text files; of others it has the size and the digest.',
  })
    .argument('<reference>', 'Reference: an id, or an id with a pin')
    .argument('[path]', 'Print this file')
    .option('--mode <mode>', 'Execution mode; simulation and dev include drafts')
    .option('--dir <folder>', 'Save SKILL.md and all text files of its folder')
    .action(async (reference: string, path: string | undefined, options: FilesOptions) => {
      if (path !== undefined && options.dir !== undefined)
        throw new UsageError('Name a path to print one file, or --dir to save all; not both.')
      const query = given({ mode: options.mode })
      await withRegistry(options, runtime, 'read', async (api) => {
        if (path !== undefined) return print(runtime, options, await api.folderFile(reference, path, query))
        const prompt = await api.resolve(reference, { ...query, include: 'file' })
        if (options.dir === undefined) return list(runtime, options, prompt)
        const folder = resolve(runtime.cwd, options.dir)
        const files = prompt.files ?? []
        const pinned = `${prompt.prompt_id}@${prompt.version}`
        await mkdir(folder, FOLDER)
        await writeFolderFiles(api, folder, { reference: pinned, files }, query)
        await writeFile(join(folder, SKILL_FILE), fileOf(prompt), FILE)
        const binary = binaryPaths(files)
        for (const one of binary) printNote(runtime, notWritten(prompt.prompt_id, one))
        if (wantsJson(options))
          printJson(runtime, { saved: files.length + 1 - binary.length, skipped: binary })
        else printLine(runtime, `${files.length + 1 - binary.length} files saved`)
      })
    })
}

function print(runtime: CliRuntime, options: FilesOptions, file: { readonly text: string }): void {
  if (wantsJson(options)) printJson(runtime, file)
  else runtime.stdout.write(isTerminal(runtime.stdout) ? withLines(file.text) : file.text)
}

function list(
  runtime: CliRuntime,
  options: FilesOptions,
  { prompt_id, version, files }: ResolvedPrompt,
): void {
  if (wantsJson(options)) printJson(runtime, { prompt_id, version, files: files ?? [] })
  else printTable(runtime, HEADINGS, (files ?? []).map(cellsOf))
}

const HEADINGS = ['path', 'bytes', 'kind', 'sha256']

function cellsOf({ path, bytes, binary, sha256 }: FolderFile): string[] {
  return [path, String(bytes), binary === true ? 'binary' : 'text', sha256.slice(0, 12)]
}

function fileOf({ prompt_id, version, file }: ResolvedPrompt): string {
  if (typeof file === 'string') return file
  throw new CommandError('no_file', `Version ${version} of "${prompt_id}" was not pushed as a file.`)
}
