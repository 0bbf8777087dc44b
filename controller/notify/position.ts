import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Notification } from './notification.ts'

/** How far a receiver's notifications are delivered. */
const PositionSchema = z.object({
  /** Everything up to this cursor of the feed is delivered; `null`: nothing. */
  cursor: z.string().nullable(),
  /** The last notifications, by source. */
  marks: z.record(z.string(), z.object({ notReady: z.string().nullable(), quarantined: z.string() })),
  /** Notifications about sources that are not delivered yet, oldest first. */
  pending: z.array(z.custom<Notification>((value) => typeof value === 'object' && value !== null)),
})

export type Position = z.output<typeof PositionSchema>

/** Reads the file; `null` if it does not exist. Throws if it cannot be read. */
export async function readPosition(file: string): Promise<Position | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return PositionSchema.parse(JSON.parse(text))
}

/** A position, or the JSON `null`. Throws if it is neither. */
export function parsePosition(json: string): Position | null {
  return PositionSchema.nullable().parse(JSON.parse(json))
}

/** Replaces the file at once, so that a kill leaves the former one. */
export async function writePosition(file: string, position: Position): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.new`, JSON.stringify(position), { mode: 0o600, flush: true })
  await rename(`${file}.new`, file)
}
