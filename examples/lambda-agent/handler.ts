import { PromptRegistryClient } from '../../client/index.ts'

/**
 * An agent as a Lambda function. The client is made once for each execution environment: the invocations after the
 * first need no request for a minute, and a snapshot in /tmp carries the texts over a restart of the process. The
 * platform sets PROMPT_REGISTRY_FUNCTION; the role needs lambda:InvokeFunction on it.
 */
const client = new PromptRegistryClient({ snapshot: { file: '/tmp/prompt-registry/prompts.json' } })
const reference = process.env.PROMPT_REF ?? 'support/triage'

export async function handler({ message }: { readonly message: string }) {
  const { text, version, release, tier, stale } = await client.resolve(reference)
  return { prompt: { reference, version: release ?? version, tier, stale }, system: text.trim(), message }
}
