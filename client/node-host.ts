import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ambient } from './ambient.ts'
import type { Host, TextFiles } from './host.ts'
import { createLocalTier } from './local-files.ts'
import { fetchSender, lazySender } from './transport/http-sender.ts'
import { createLambdaTransport } from './transport/lambda.ts'
import { turnClock } from './turn-clock.ts'

export const nodeHost: Host = {
  clock: turnClock(ambient.clock, setImmediate),
  sha256: (text) => createHash('sha256').update(text, 'utf8').digest('hex'),
  createSender: (timeoutMs) =>
    lazySender(async () => {
      const { nodeSender } = await import('./sender.ts')
      return nodeSender({ timeoutMs, byFetch: fetchSender(ambient.fetch), dispatcher: ambient.dispatcher })
    }),
  createLambdaTransport,
  createLocalTier,
  loadVerifier: async (keys) => (await import('./verifier.ts')).createVerifier(keys),
  textFiles: textFiles(),
  async loadActiveSpan() {
    try {
      const { trace } = await import('@opentelemetry/api')
      return () => trace.getActiveSpan()
    } catch {
      return undefined
    }
  },
}

function textFiles(): TextFiles {
  let writes = 0
  return {
    async read(path) {
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    list: async (dir) => (await readdir(dir)).sort(),
    async write(path, text) {
      const temporary = `${path}.${process.pid}.${writes++}.tmp`
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      try {
        await writeFile(temporary, text, { mode: 0o600 })
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
  }
}
