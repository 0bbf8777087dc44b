import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { MOST_FILE_BYTES, type PromptText, readPromptText } from '../desired/prompt-text.ts'
import { UsageError } from './context.ts'
import { CommandError } from './failure.ts'
import { isTerminal, printNote } from './output.ts'
import type { World } from './world.ts'

/** The prompt in a file, or in standard input for `-`, taken apart as the controller does it with a file of git. */
export async function readPrompt(file: string, world: World): Promise<PromptText> {
  const bytes = file === '-' ? await readStandardInput(world) : await readBytes(file, world)
  const text = readPromptText(bytes)
  if (!('problem' in text)) return text
  const what = file === '-' ? 'The text from standard input' : file
  throw new CommandError('invalid_text', `${what} cannot become a version: ${text.problem}`)
}

async function readBytes(file: string, { cwd }: World): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, file))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new UsageError(`Cannot read ${file}: ${why}; name a file, or "-" for standard input.`)
  }
}

async function readStandardInput(world: World): Promise<Uint8Array> {
  const { stdin, signal } = world
  if (isTerminal(stdin)) printNote(world, 'Write the text and end it with Ctrl-D on a line of its own.')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of addAbortSignal(signal, stdin)) {
    chunks.push(Buffer.from(chunk))
    size += chunk.length
    if (size > MOST_FILE_BYTES) throw new CommandError('too_large', tooLarge())
  }
  return Buffer.concat(chunks)
}

function tooLarge(): string {
  return `The text from standard input has more than ${MOST_FILE_BYTES} bytes; a prompt is shorter.`
}
