/** The request header by which a client sends the name of its application. */
export const APPLICATION_HEADER = 'x-prompt-registry-application'
/** Reads without a name, or with one that is not allowed. */
export const UNKNOWN_APPLICATION = 'unknown'
/** Tools that show prompts to people, or compare registries. Their reads are not counted. */
const UNCOUNTED: readonly string[] = ['promptctl']

const MOST_CHARACTERS = 64
/** The parts are short, so that no key or token is a name by mistake. */
const NAME = /^[a-z0-9]{1,24}(?:[._/-][a-z0-9]{1,24})*$/

/** Explains why `text` cannot name an application; `undefined` if it can. The message does not repeat the text, which may be a secret. */
export function applicationProblem(text: string): string | undefined {
  if (text.length <= MOST_CHARACTERS && NAME.test(text)) return undefined
  return `The name of an application has up to ${MOST_CHARACTERS} lower-case letters and digits, in parts of up to 24, with ".", "_", "/" or "-" between the parts.`
}

/**
 * The application under which a read with this header is counted; `undefined` if it is not counted. A read never
 * fails because of its header.
 */
export function countedApplication(header: string | null | undefined): string | undefined {
  if (header === null || header === undefined || applicationProblem(header) !== undefined)
    return UNKNOWN_APPLICATION
  return UNCOUNTED.includes(header) ? undefined : header
}
