import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { PromptRegistryClient, type Resolution } from '../../client/index.ts'

/**
 * An agent that starts from a blueprint and reads each line of its standard input as one message. It has no model:
 * for each turn it prints the version of its system prompt and its tier. Environment variables configure the
 * registry and everything else; see the README beside it.
 */
const client = new PromptRegistryClient()
const file = process.argv[2] ?? fileURLToPath(new URL('blueprint.yaml', import.meta.url))

try {
  const blueprint = await client.loadBlueprint(file)
  const { prompt_ref: reference, prompt_resolution: first } = blueprint
  console.log(`${blueprint.name} starts on ${first === null ? 'its own text' : describe(first)}`)
  await takeTurns(async () =>
    reference === undefined ? 'its own text' : describe(await client.resolve(reference)),
  )
} catch (error) {
  console.error(sentence(error))
  process.exitCode = 1
}

/** Resolves the prompt at every turn, so that the next message uses a new release. */
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

function describe({
  reference,
  version,
  release,
  status,
  tier,
  stale,
  ageMs,
  text,
  attempts,
}: Resolution): string {
  const name = release ?? version ?? 'without a version'
  const what = [reference, name, status].filter((word) => word !== null).join(' ')
  const [failed] = attempts
  const why = failed === undefined ? '' : `, because the registry is ${failed.code}`
  const age = stale ? `, ${Math.round(ageMs / 1000)} s old${why}` : ''
  return `${what} (from ${tier}${age}): ${JSON.stringify(text.split('\n')[0])}`
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
