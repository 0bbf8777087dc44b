import type { Environment } from '../../api/contract/environment.ts'
import { COMMAND_NAMES } from './command-names.ts'

/** How the user started promptctl, as they can type it again where they are. */
export function typedName(env: Environment): string {
  const { npm_lifecycle_event: script, npm_command: command } = env
  if (command === 'exec') return 'npx promptctl'
  if (script === 'promptctl') return 'npm run -s promptctl --'
  // `npm start` runs in a checkout, which has no promptctl on the PATH.
  return script === undefined ? 'promptctl' : 'npx promptctl'
}

const HINT = new RegExp(`(?<![\\w/.@-])promptctl (?=(?:${COMMAND_NAMES.join('|')})\\b)`, 'g')

/** Replaces the commands in our own messages by those that work where the user is. */
export function typedHints(text: string, env: Environment): string {
  const name = typedName(env)
  return name === 'promptctl' ? text : text.replaceAll(HINT, `${name} `)
}
