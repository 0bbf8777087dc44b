import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import { z } from 'zod'
import { CommandError } from '../failure.ts'

/**
 * A backup is a compressed tar archive with two members: `manifest.json`, which describes and verifies the other, and
 * `registry.db`, a SQLite file.
 */
const Manifest = z.object({
  format: z.literal(1),
  /** ISO 8601, UTC. */
  created_at: z.string(),
  /** Of promptctl. */
  version: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  /** Rows by table. */
  rows: z.record(z.string(), z.int()),
  /** Missing parts of the backup, with the reason and the next step. */
  left_out: z.array(z.object({ subject: z.string(), problem: z.string() })).default([]),
})

export type BackupManifest = z.output<typeof Manifest>

const MANIFEST = 'manifest.json'
const DATABASE = 'registry.db'
const MOST_MANIFEST_BYTES = 1024 * 1024

/** Writes an archive that only this account can read. Fails if the file exists. */
export async function writeArchive(
  to: string,
  database: string,
  facts: Pick<BackupManifest, 'created_at' | 'version' | 'rows' | 'left_out'>,
): Promise<BackupManifest> {
  const { size: bytes } = await stat(database)
  const manifest: BackupManifest = { format: 1, ...facts, sha256: await sha256Of(database), bytes }
  const archive = pack()
  const writing = pipeline(archive, createGzip(), createWriteStream(to, { flags: 'wx', mode: 0o600 }))
  const mtime = new Date(facts.created_at)
  archive.entry({ name: MANIFEST, mtime, mode: 0o600 }, `${JSON.stringify(manifest, null, 2)}\n`)
  const member = archive.entry({ name: DATABASE, mtime, mode: 0o600, size: bytes })
  await Promise.all([pipeline(createReadStream(database), member).then(() => archive.finalize()), writing])
  return manifest
}

/** Unpacks the database of an archive to a new file, and verifies it. Throws `CommandError` if it is not a backup. */
export async function readArchive(from: string, to: string): Promise<BackupManifest> {
  let manifest: BackupManifest | undefined
  let unpacked = false
  const reading = extract()
  const done = pipeline(createReadStream(from), createGunzip(), reading)
  // The loop below reports a broken archive, too.
  done.catch(() => {})
  try {
    for await (const member of reading) {
      if (member.header.name === MANIFEST) manifest = parseManifest(await textOf(member))
      else if (member.header.name === DATABASE) {
        await pipeline(member, createWriteStream(to, { flags: 'wx', mode: 0o600 }))
        unpacked = true
      } else member.resume()
    }
    await done
  } catch (cause) {
    if (cause instanceof CommandError || (cause as NodeJS.ErrnoException).code === 'ENOENT') throw cause
    throw notABackup(from, (cause as Error).message, cause)
  }
  if (manifest === undefined || !unpacked) throw notABackup(from, `it has no ${MANIFEST} or no ${DATABASE}`)
  if ((await sha256Of(to)) !== manifest.sha256)
    throw notABackup(from, `its ${DATABASE} is not the one of its manifest`)
  return manifest
}

function parseManifest(text: string): BackupManifest {
  const parsed = Manifest.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new Error(`its ${MANIFEST} is of another format; a newer promptctl may read it`)
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    const part = Buffer.from(chunk as Uint8Array)
    bytes += part.length
    if (bytes > MOST_MANIFEST_BYTES) throw new Error(`its ${MANIFEST} is too large`)
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function notABackup(file: string, reason: string, cause?: unknown): CommandError {
  const message = `${file} cannot be restored: ${reason.replace(/\.$/, '')}. Use an intact backup.`
  return new CommandError('invalid_backup', message, { cause })
}
