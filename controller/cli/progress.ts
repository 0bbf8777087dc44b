import type { Progress } from '../apply.ts'
import type { World } from './world.ts'

const BETWEEN_MS = 1000

/** Tells on stderr how far a long pass is, at most once a second; a short one stays silent. */
export function createProgressLine(name: string, { stderr, now }: Pick<World, 'stderr' | 'now'>) {
  let told = now()
  let shown = false
  return {
    show({ done, total }: Progress): void {
      if (now() - told < BETWEEN_MS) return
      told = now()
      shown = true
      stderr.write(`${name}: ${done} of ${total} changes\n`)
    },
    end(): void {
      if (shown) stderr.write(`${name}: done\n`)
    },
  }
}
