import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { LIMITS } from '../../api/contract/limits.ts'
import { isFileProblem, type PromptFile, readPromptFile } from '../../api/contract/reading/index.ts'
import { problemSentence } from '../prompts/prompt-findings.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { UsageError } from './context.ts'
import { CommandError } from './failure.ts'
import { isTerminal, printNote } from './output.ts'

/** Reads a prompt from a file or from standard input (`-`), like the controller reads a file from git. */
export async function readPrompt(file: string, runtime: CliRuntime): Promise<PromptFile> {
  const bytes = file === '-' ? await readStandardInput(runtime) : await readBytes(file, runtime)
  const read = readPromptFile(bytes, file === '-' ? {} : { path: file })
  if (!isFileProblem(read)) return read
  const what = file === '-' ? 'Standard input' : file
  throw new CommandError('invalid_text', `${what} cannot become a version. ${problemSentence(read)}`)
}

/** Reads text in UTF-8 from a file or from standard input (`-`). Malformed bytes become replacement characters. */
export async function readText(file: string, runtime: CliRuntime): Promise<string> {
  const bytes = file === '-' ? await readStandardInput(runtime) : await readBytes(file, runtime)
  return new TextDecoder().decode(bytes)
}

async function readBytes(file: string, { cwd }: CliRuntime): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, file))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? 'the file does not exist' : code === 'EISDIR' ? 'it is a directory' : message
    throw new UsageError(`Cannot read ${file}: ${why}. Name a file, or "-" for standard input.`)
  }
}

async function readStandardInput(runtime: CliRuntime): Promise<Uint8Array> {
  const { stdin, signal } = runtime
  if (isTerminal(stdin)) printNote(runtime, 'Type the prompt, then press Ctrl-D on an empty line.')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of addAbortSignal(signal, stdin)) {
    chunks.push(Buffer.from(chunk))
    size += chunk.length
    if (size > LIMITS.fileBytes) throw new CommandError('too_large', tooLarge())
  }
  return Buffer.concat(chunks)
}

function tooLarge(): string {
  return `Standard input is larger than ${LIMITS.fileBytes} bytes, the limit for a prompt file.`
}
