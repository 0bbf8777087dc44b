import { LIMITS } from '../limits.ts'
import type { YamlFlaw } from './parse-yaml.ts'
import { clipped } from './problem.ts'

/** Describes a flaw of front matter, then the next step. */
export function yamlSentence({ code, reason }: YamlFlaw): string {
  if (code === 'NO_KEY' || reason.startsWith('Implicit map keys')) {
    return 'The line of the front matter is neither a key nor part of one. Write `key: value`, or indent it below its key.'
  }
  if (reason.startsWith('Missing closing')) return 'A quote in the front matter is never closed. Close it.'
  if (reason.includes('end with a'))
    return 'A bracket in the front matter is never closed, or its contents are not indented. Close or indent it.'
  if (reason.endsWith('at node end')) {
    return 'More text follows the end of a value in the front matter. Put the whole value in one pair of quotes.'
  }
  switch (code) {
    case 'TOO_DEEP':
      return `The front matter is nested deeper than ${LIMITS.jsonDepth} levels. Flatten it.`
    case 'MULTIPLE_DOCS':
      return 'A second YAML document begins in the front matter. Remove the `...` or `--- ` line.'
    case 'TAB_AS_INDENT':
      return 'The line of the front matter is indented with a tab. Use spaces.'
    case 'BAD_INDENT':
      return 'The indentation does not match the lines above. Indent the keys of one mapping alike.'
    case 'BAD_DQ_ESCAPE':
      return 'The text in double quotes has an escape sequence that YAML does not allow. Use single quotes, or write `\\\\`.'
    case 'NON_STRING_KEY':
      return 'A key in the front matter is a list, a mapping or an alias. Put it in quotes.'
    default:
      return `The front matter is not valid YAML here: ${lowerFirst(clipped(reason))}. Put the value in quotes.`
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
