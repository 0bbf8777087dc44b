import type { SetStore } from '../store/set-store.ts'

/** Whether a source was rolled back and its prompts do not all serve that set yet. `null`: the prompt has no source. */
export type IsSettling = (source: string | null) => Promise<boolean>

/** For one request: reads the pointer of each source at most once. */
export function settlingSources({ pointer }: Pick<SetStore, 'pointer'>): IsSettling {
  const known = new Map<string, Promise<boolean>>()
  const read = async (source: string) => (await pointer(source))?.settling === true
  return async (source) => {
    if (source === null) return false
    const reading = known.get(source) ?? read(source)
    known.set(source, reading)
    return await reading
  }
}
