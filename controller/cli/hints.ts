import type { Environment } from '../../api/contract/environment.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { COMMAND_NAMES } from './command-names.ts'

/** How the user started promptctl, as they can type it again where they are. */
function typedName(env: Environment): string {
  const { npm_lifecycle_event: script, npm_command: command } = env
  if (command === 'exec') return 'npx promptctl'
  if (script === 'promptctl') return 'npm run -s promptctl --'
  // `npm start` runs in a checkout, which has no promptctl on the PATH.
  return script === undefined ? 'promptctl' : 'npx promptctl'
}

const HINT = new RegExp(
  `(?<![\\w/.@-])promptctl (?<command>sources forget|${COMMAND_NAMES.join('|')})\\b`,
  'g',
)

/** Replaces the commands in our own messages by those that work where the user is. */
export function typedHints(text: string, { env, look }: Pick<CliRuntime, 'env' | 'look'>): string {
  const name = typedName(env)
  const options = look?.repeated ?? ''
  if (name === 'promptctl' && options === '') return text
  return text.replaceAll(HINT, (_hint, command: string) => `${name} ${command}${options}`)
}
