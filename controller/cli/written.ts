import type { Writable } from 'node:stream'

/** Watches what is written to a stream, from now on. */
export interface Written {
  /** Resolves when everything was handed over, with the error that kept it from being, if any. */
  done(): Promise<Error | undefined>
}

/** A reader that went away (`promptctl list | head -1`) has seen enough, so that is no error. */
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
