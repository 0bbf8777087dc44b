import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './terraform.ts'

/** The indented blocks of a page below a heading of the second level, without their indent. Throws if there are none. */
export async function blocksBelow(page: string, heading: string): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, page), 'utf8')
  const [, after] = text.split(`\n## ${heading}\n`)
  const section = after?.split(/^#+ /m)[0] ?? ''
  const blocks = [...section.matchAll(/(?:^ {4}.*\n(?:\n(?= {4}))?)+/gm)]
  if (blocks.length === 0) throw new Error(`${page} has no block below "${heading}".`)
  return blocks.map(([block]) => {
    // More in the items of a list.
    const [indent = ''] = /^ +/.exec(block) ?? []
    return block.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
  })
}

/** What `-var name=value` sets in a command, as the environment sets it. */
export function variablesOf(command: string): Readonly<Record<string, string>> {
  const pairs = [...command.matchAll(/-var (\w+)=(\S+)/g)]
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [`TF_VAR_${name}`, value]))
}

/** The environment variables that the commands export. */
export function exportsOf(commands: string): Readonly<Record<string, string>> {
  const lines = commands.split('\n').filter((line) => line.startsWith('export '))
  const pairs = lines.flatMap((line) => [...line.matchAll(/(\w+)=(\S+)/g)])
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]))
}
