import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server'
import { RegistryError } from '../../api/contract/errors.ts'
import type { Mode } from '../../api/contract/mode.ts'
import type { PromptInput } from '../../api/contract/reading/inputs.ts'
import type { RegistryApi, ResolvedPrompt } from '../../api/contract/registry-api.ts'
import { PromptRenderError } from '../../client/rendering/render-error.ts'
import { argumentsOf, type FillablePrompt, filledIn, missingArguments } from './arguments.ts'

/** What an MCP server reads of a registry. */
export type PromptReader = Pick<RegistryApi, 'list' | 'resolve' | 'resolveMany'>

export interface McpOptions {
  readonly api: PromptReader
  /** The mode of its prompts: `production` offers releases only, `dev` also drafts. */
  readonly mode: Mode
  readonly version: string
}

/** Prompts of one page of `prompts/list`: small enough for one request and answer of the registry. */
const PAGE = 50

/** A server of the Model Context Protocol that offers the prompts of a registry, read only. */
export function createMcpServer({ api, mode, version }: McpOptions): Server {
  const server = new Server(
    { name: 'prompt-registry', version },
    { capabilities: { prompts: { listChanged: true } } },
  )
  server.setRequestHandler('prompts/list', async ({ params }) => {
    const { prompts, next_cursor: nextCursor } = await listPage(api, mode, params?.cursor)
    return { prompts: [...prompts], ...(nextCursor !== null && { nextCursor }) }
  })
  server.setRequestHandler('prompts/get', async ({ params: { name, arguments: values = {} } }) => {
    const prompt = await resolved(api, name, mode)
    const missing = missingArguments(inputsOf(prompt), values)
    if (missing.length > 0) throw invalid(`The prompt "${name}" needs a value for ${missing.join(', ')}.`)
    return {
      ...(prompt.description !== null && { description: prompt.description }),
      messages: messagesOf(prompt, values),
      _meta: { 'prompt-registry/version': prompt.version, 'prompt-registry/release': prompt.release },
    }
  })
  return server
}

async function listPage(api: PromptReader, mode: Mode, cursor: string | undefined) {
  const { prompts: rows, next_cursor } = await api.list({
    limit: PAGE,
    ...(cursor !== undefined && { cursor }),
  })
  const references = rows.map(({ prompt_id: id }) => id)
  if (references.length === 0) return { prompts: [], next_cursor }
  const { results } = await api.resolveMany({ references, mode })
  // A prompt that the mode does not see is none.
  return {
    prompts: results.flatMap((result) => ('prompt' in result ? [listed(result.prompt)] : [])),
    next_cursor,
  }
}

function inputsOf({ inputs }: ResolvedPrompt): readonly PromptInput[] {
  return (inputs ?? []) as readonly PromptInput[]
}

/** MCP has no role for a system message, and no place for earlier ones. */
function messagesOf(prompt: ResolvedPrompt, values: Readonly<Record<string, string>>) {
  const { content, template = null, template_language: language, messages = null } = prompt
  const all = filled({
    text: template ?? content,
    ...{ language, inputs: inputsOf(prompt), messages: messages as FillablePrompt['messages'] },
    values,
  })
  return all
    .filter(({ role }) => role !== 'history')
    .map(({ role, content: text }) => ({
      role: role === 'assistant' || role === 'model' ? ('assistant' as const) : ('user' as const),
      content: { type: 'text' as const, text },
    }))
}

function filled({
  values,
  ...prompt
}: FillablePrompt & { readonly values: Readonly<Record<string, string>> }) {
  try {
    return filledIn(prompt, values)
  } catch (error) {
    if (error instanceof PromptRenderError) throw invalid(error.message)
    throw error
  }
}

function listed(prompt: ResolvedPrompt) {
  const { prompt_id: name, description } = prompt
  const declared = argumentsOf(inputsOf(prompt))
  return {
    name,
    ...(description !== null && { description }),
    ...(declared.length > 0 && { arguments: [...declared] }),
  }
}

async function resolved(api: PromptReader, name: string, mode: Mode): Promise<ResolvedPrompt> {
  try {
    return await api.resolve(name, { mode, include: 'messages' })
  } catch (error) {
    if (error instanceof RegistryError) throw invalid(error.message)
    throw error
  }
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message)
}
