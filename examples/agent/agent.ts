import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { loadBlueprint, PromptRegistryClient, type Resolution } from '../../client/index.ts'

/**
 * An agent that starts from a blueprint and takes one line of its standard input as one message. It has no model:
 * for each turn it says which version of its system prompt it runs on, and where that came from. The registry and
 * everything else is configured by variables; see the README beside it.
 */
const client = new PromptRegistryClient()
const file = process.argv[2] ?? fileURLToPath(new URL('blueprint.yaml', import.meta.url))

try {
  const blueprint = await loadBlueprint(file, client)
  const { prompt_ref: reference, prompt_resolution: first } = blueprint
  console.log(`${blueprint.name} starts on ${first === null ? 'its own text' : describe(first)}`)
  await takeTurns(async () =>
    reference === undefined ? 'its own text' : describe(await client.resolve(reference)),
  )
} catch (error) {
  console.error(sentence(error))
  process.exitCode = 1
}

/** Asks for the prompt at every turn, so that a new release is used from the next message on. */
async function takeTurns(currentPrompt: () => Promise<string>): Promise<void> {
  let turn = 0
  for await (const message of createInterface({ input: process.stdin })) {
    turn++
    const answer = await currentPrompt().then(
      (prompt) => `is answered with ${prompt}`,
      (error) => `is not answered: ${sentence(error)}`,
    )
    console.log(`turn ${turn}: "${message}" ${answer}`)
  }
}

function describe({ reference, version, status, tier, stale, ageMs, text, attempts }: Resolution): string {
  const what = [reference, version ?? 'without a version', status].filter((word) => word !== null).join(' ')
  const age = stale ? `, ${Math.round(ageMs / 1000)} s old, because the registry is ${attempts[0]?.code}` : ''
  return `${what} (from ${tier}${age}): ${JSON.stringify(text.split('\n')[0])}`
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
