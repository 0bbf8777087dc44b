/** `--dry-run` of the commands that change something. */

export interface DryRunOptions {
  readonly dryRun?: boolean
}

/** The arguments of `Command.option`. */
export const DRY_RUN = ['--dry-run', 'Show the result without changing anything'] as const

/** How a command uses the registry. A dry run does not even create its file. */
export function useOf({ dryRun }: DryRunOptions): 'write' | 'preview' {
  return dryRun === true ? 'preview' : 'write'
}

/** The sentence about a result, marked if it is that of a dry run. */
export function resultOf(sentence: string, { dryRun }: DryRunOptions): string {
  return dryRun === true ? `Dry run, nothing was changed; otherwise: ${sentence}` : sentence
}
