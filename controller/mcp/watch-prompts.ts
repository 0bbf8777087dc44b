import { sha256 } from '../../api/contract/version.ts'
import { allPages } from '../../client/pages.ts'
import type { PromptReader } from './server.ts'

export interface WatchPromptsOptions {
  readonly api: PromptReader
  readonly intervalMs: number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>
  readonly signal: AbortSignal
  readonly onChange: () => void
  /** The registry could not be asked; it is asked again after the next pause. */
  readonly onError: (error: unknown) => void
}

const PAGE = 1000

/** Calls `onChange` when a prompt, or a version of one, is added, released or taken back. Ends with the signal. */
export async function watchPrompts(options: WatchPromptsOptions): Promise<void> {
  const { api, intervalMs, pause, signal, onChange, onError } = options
  let before: string | undefined
  while (!signal.aborted) {
    try {
      const now = await fingerprint(api)
      if (before !== undefined && now !== before) onChange()
      before = now
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
    await pause(intervalMs, signal).catch(() => undefined)
  }
}

async function fingerprint(api: PromptReader): Promise<string> {
  const rows = allPages(
    (page) => api.list({ limit: PAGE, ...page }),
    ({ prompts }) => prompts,
  )
  const seen = await Array.fromAsync(rows, ({ prompt_id, revision }) => [prompt_id, revision])
  return sha256(JSON.stringify(seen))
}
