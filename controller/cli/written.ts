import type { Writable } from 'node:stream'

/** Watches a stream for write errors. */
export interface Written {
  /** Resolves when everything is written, with the first error, if any. */
  done(): Promise<Error | undefined>
}

/** A closed pipe (`promptctl list | head -1`) is not an error. */
export function watchWriting(stream: Writable): Written {
  let failure: NodeJS.ErrnoException | undefined
  stream.on('error', (error) => {
    failure ??= error
  })
  return {
    async done() {
      const last = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
        stream.write('', resolve)
      })
      const found = failure ?? last ?? undefined
      return found?.code === 'EPIPE' ? undefined : found
    },
  }
}
