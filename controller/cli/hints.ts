import type { Environment } from '../../api/contract/environment.ts'
import { shellWord } from '../values/shell-word.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { COMMAND_NAMES } from './command-names.ts'
import type { CommonOptions } from './options.ts'

/** How the user started promptctl, as they can type it again where they are. */
function typedName(env: Environment): string {
  const { npm_lifecycle_event: script, npm_command: command } = env
  if (command === 'exec') return 'npx promptctl'
  if (script === 'promptctl') return 'npm run -s promptctl --'
  // `npm start` runs in a checkout, which has no promptctl on the PATH.
  return script === undefined ? 'promptctl' : 'npx promptctl'
}

/** The options that choose a configuration and a registry, as the user must repeat them. */
export function repeatedOptions({ config, registry }: CommonOptions): string {
  const file = config === undefined ? '' : ` --config ${shellWord(config)}`
  // A URL with a password must not be shown, and is refused anyway.
  const isShown = registry !== undefined && !registry.includes('@')
  return isShown ? `${file} --registry ${shellWord(registry)}` : file
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
