import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server'
import { RegistryError } from '../../api/contract/errors.ts'
import type { Mode } from '../../api/contract/mode.ts'
import type { RegistryApi, ResolvedPrompt } from '../../api/contract/registry-api.ts'
import { argumentsOf, filledIn, missingArguments } from './arguments.ts'

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
    const declared = argumentsOf(prompt.variables)
    const missing = missingArguments(declared, values)
    if (missing.length > 0) throw invalid(`The prompt "${name}" needs a value for ${missing.join(', ')}.`)
    const text = filledIn(prompt.content, declared, values)
    return {
      ...(prompt.description !== null && { description: prompt.description }),
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
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

function listed({ prompt_id: name, description, variables }: ResolvedPrompt) {
  const declared = argumentsOf(variables)
  return {
    name,
    ...(description !== null && { description }),
    ...(declared.length > 0 && { arguments: [...declared] }),
  }
}

async function resolved(api: PromptReader, name: string, mode: Mode): Promise<ResolvedPrompt> {
  try {
    return await api.resolve(name, { mode })
  } catch (error) {
    if (error instanceof RegistryError) throw invalid(error.message)
    throw error
  }
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message)
}
