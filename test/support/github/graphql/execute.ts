import type { Selection } from './parse.ts'

/**
 * An object of GitHub's schema. Each field is a value or a function of its arguments. Unknown fields are refused,
 * as by GitHub.
 */
export interface GraphqlObject {
  readonly __typename: string
  readonly [field: string]: unknown
}

/** Returns only the selected fields. Throws with a message like GitHub's if the query is wrong. */
export async function execute(
  object: GraphqlObject,
  selections: readonly Selection[],
): Promise<Record<string, unknown>> {
  const data: Record<string, unknown> = {}
  for (const selection of selections) {
    if (selection.kind === 'on') {
      if (selection.type === object.__typename)
        Object.assign(data, await execute(object, selection.selections))
      continue
    }
    const { name, alias, args } = selection
    if (!(name in object)) throw new Error(`Field '${name}' doesn't exist on type '${object.__typename}'`)
    const field = object[name]
    const value = typeof field === 'function' ? await field(checkedArguments(args)) : field
    data[alias] = await complete(value, selection.selections, `${object.__typename}.${name}`)
  }
  return data
}

async function complete(value: unknown, selections: readonly Selection[], where: string): Promise<unknown> {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) {
    const all: unknown[] = []
    for (const one of value) all.push(await complete(one, selections, where))
    return all
  }
  const composite = typeof value === 'object'
  if (composite && selections.length === 0) throw new Error(`Field '${where}' must have selections`)
  if (!composite && selections.length > 0) throw new Error(`Field '${where}' has no fields to select`)
  return composite ? execute(value as GraphqlObject, selections) : value
}

function checkedArguments(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { first } = args
  if (first !== undefined && !(typeof first === 'number' && first >= 1 && first <= 100))
    throw new Error(`Requesting ${first} records exceeds the \`first\` limit of 100 records.`)
  return args
}
