/** Common options that take a value, in both of their forms. */
const WITH_VALUE = ['-c', '--config', '--registry', '-o', '--output']
const WITHOUT_VALUE = ['--no-headers']

/** Moves common options before the command behind it: `-o json list` is `list -o json`. Leaves everything else. */
export function commandFirst(args: readonly string[]): string[] {
  const before: string[] = []
  let index = 0
  for (; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (WITHOUT_VALUE.includes(arg) || /^(--(config|registry|output)=|-[co].)/.test(arg)) before.push(arg)
    else if (WITH_VALUE.includes(arg) && index + 1 < args.length) before.push(arg, args[++index] ?? '')
    else break
  }
  const [command, ...rest] = args.slice(index)
  return command === undefined || command.startsWith('-') ? [...args] : [command, ...before, ...rest]
}
