export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** Completions that a shell offers for a command. */
export interface CompletedCommand {
  readonly name: string
  readonly description: string
  /** What the first argument names, which the registry knows; `null` for anything else. */
  readonly values: string | null
  /** Fixed words for the first argument. */
  readonly words: readonly string[]
  readonly options: readonly CompletedOption[]
}

interface CompletedOption {
  readonly name: string
  readonly description: string
  readonly choices: readonly string[] | null
  readonly takesValue: boolean
}

/** A completion script. Only the values of the registry are looked up, when they are needed. Pure. */
export function completionScript(
  shell: Shell,
  commands: readonly CompletedCommand[],
  program: string,
): string {
  switch (shell) {
    case 'bash':
      return bash(commands, program)
    case 'zsh':
      // zsh runs completions of bash, by its own module.
      return `#compdef ${program}\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands, program)}`
    case 'fish':
      return fish(commands, program)
    default:
      return shell satisfies never
  }
}

/** Ids that begin with the word; at most as many as a person reads. */
const LOOKUPS = {
  prompts: (program: string, word: string) => `${program} list ${word} --limit 200 -o name 2>/dev/null`,
  sources: (program: string) => `${program} sources -o name 2>/dev/null`,
} as const

function lookup(values: string, program: string, word: string): string {
  return values === 'prompts' ? LOOKUPS.prompts(program, word) : LOOKUPS.sources(program)
}

function bash(commands: readonly CompletedCommand[], program: string): string {
  const names = commands.map(({ name }) => name).join(' ')
  const choices = unique(
    commands.flatMap(({ options }) =>
      options.flatMap(({ name, choices: all }) =>
        all === null ? [] : [`    ${name}) words="${all.join(' ')}" ;;`],
      ),
    ),
  )
  const cases = commands.map(({ name, options, words, values }) => {
    const found = values === null ? '' : ` $(${lookup(values, program, '"$word"')})`
    return `    ${name}) options="${options.map((option) => option.name).join(' ')}"; [[ $word == -* ]] || words="${words.join(' ')}${found}" ;;`
  })
  return `# ${program} completion
_${program}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words="" options=""
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${names} help" -- "$word"))
    return
  fi
  case "$before" in
${choices.join('\n')}
  esac
  if [[ -z $words ]]; then
    case "$command" in
${cases.join('\n')}
    esac
  fi
  [[ $word == -* ]] && words="$options"
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ \${#COMPREPLY[@]} -eq 0 && $word != -* ]]; then COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -F _${program} ${program}
`
}

function fish(commands: readonly CompletedCommand[], program: string): string {
  const lines = commands.flatMap(({ name, description, options, words, values }) => {
    const within = `complete -c ${program} -n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c ${program} -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...options.map((option) => `${within} ${fishOption(option)}`),
      ...(words.length === 0 ? [] : [`${within} -f -a '${words.join(' ')}'`]),
      ...(values === null ? [] : [`${within} -f -a '(${lookup(values, program, '(commandline -ct)')})'`]),
    ]
  })
  return `# ${program} completion\n${lines.join('\n')}\n`
}

function fishOption({ name, description, choices, takesValue }: CompletedOption): string {
  const values = choices === null ? (takesValue ? ' -r' : '') : ` -x -a '${choices.join(' ')}'`
  return `-l ${name.slice(2)} -d ${quoted(description)}${values}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function unique(all: readonly string[]): string[] {
  return [...new Map(all.map((line) => [line.split(')')[0], line])).values()]
}
