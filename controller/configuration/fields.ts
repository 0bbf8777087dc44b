import { posix } from 'node:path'
import { z } from 'zod'

/** What several parts of the configuration have. */

/** Of a source or a token. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"')
/** Of the environment. */
export const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
const globs = z.array(z.string().min(1)).min(1)
/** A text that a rule finds no problem with, which it tells as a sentence. */
export const checked = (problem: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const message = problem(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

/** What a repository may say of itself in its own file, too. */
export const layoutFields = {
  directories: z.array(checked(directoryProblem)).min(1).describe('Where prompts lie, from the root.'),
  include: globs.describe('Patterns of prompt files, below a directory.'),
  exclude: z.array(z.string().min(1)).describe('Patterns of files that are none, below a directory.'),
}

function directoryProblem(directory: string): string | undefined {
  if (directory !== '' && !/^\/|^\.\.(\/|$)/.test(posix.normalize(directory))) return undefined
  return `"${directory}" is no directory of the repository; write its path from the root, such as "prompts" or ".".`
}
