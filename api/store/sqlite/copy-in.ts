import type { DatabaseSync } from 'node:sqlite'
import { promptIdKey } from '../../contract/prompt-id.ts'
import { setText } from '../../contract/release-set.ts'
import {
  filesOf,
  type LeftOut,
  lostProof,
  lostSet,
  type PromptCopy,
  proofsOf,
  type RegistryReader,
  type SetsCopy,
  type SourceCopy,
} from '../copy.ts'
import { releaseKey } from '../release-key.ts'
import { openDatabase } from './database.ts'
import { headValues, versionValues } from './rows.ts'
import { prepareSetStatements, type SetStatements } from './sets.ts'
import { prepareSourceStatements } from './sources.ts'
import { prepareStatements, type Statements } from './statements.ts'

/** Writes a whole registry to a new file. Returns the parts that it lacks. */
export async function fillFile(file: string, reader: RegistryReader): Promise<readonly LeftOut[]> {
  const database = openDatabase(file)
  try {
    // Nobody else knows the file, and its name is only given to a complete one.
    database.exec('PRAGMA synchronous = OFF; BEGIN')
    const sources = prepareSourceStatements(database)
    const sets = prepareSetStatements(database)
    const leftOut: LeftOut[] = []
    for await (const source of reader.sources()) {
      putSource(sources, source)
      leftOut.push(...(await putSets(sets, source.sets)))
    }
    const statements = prepareStatements(database)
    for await (const prompt of reader.prompts()) await putPrompt(statements, prompt)
    const put = prepareEventCopy(database)
    for await (const event of reader.events()) {
      const key = promptIdKey(event.prompt_id)
      put.run({ key, sequence: event.sequence, event: JSON.stringify(event) })
    }
    database.exec('COMMIT')
    return [...reader.leftOut, ...leftOut, ...lostEvents(database)]
  } finally {
    database.close()
  }
}

function putSource(
  statements: ReturnType<typeof prepareSourceStatements>,
  { record, ledger, findings }: SourceCopy,
): void {
  const { name, version } = record
  statements.insert.run(name, version, JSON.stringify(record))
  for (const [index, { tag, commit }] of ledger.entries()) statements.append.run(name, index + 1, tag, commit)
  for (const finding of findings) {
    const { kind, name: subject } = finding.subject
    statements.putFinding.run(name, finding.code, kind, subject, JSON.stringify(finding))
  }
}

/** Returns the sets whose members the original lost. */
async function putSets(
  statements: SetStatements,
  { pointer, moves, stored, set, proof }: SetsCopy,
): Promise<LeftOut[]> {
  const lost: LeftOut[] = []
  for (const { digest, source, usedAt, kept } of stored) {
    const found = await set(digest)
    if (found === null) lost.push(lostSet(digest, source))
    else statements.put.run(digest, source, setText(found), usedAt)
    if (kept) statements.keep.run(1, digest, source)
  }
  for (const digest of proofsOf(moves)) {
    const text = await proof(digest)
    if (text === null) lost.push(lostProof(digest, moves[0]?.source ?? ''))
    else statements.putProof.run(digest, text)
  }
  for (const move of moves) statements.appendMove.run(move.source, move.sequence, JSON.stringify(move))
  if (pointer !== null) {
    const { source, sequence } = pointer.move
    statements.putPointer.run(source, sequence, JSON.stringify(pointer))
  }
  return lost
}

async function putPrompt(statements: Statements, prompt: PromptCopy): Promise<void> {
  const { head, versions, names, text } = prompt
  const key = promptIdKey(head.promptId)
  const latest = versions.find(({ version }) => version === head.latest)
  statements.insertHead.run(headValues(key, head, latest?.status ?? null))
  for (const version of versions) {
    statements.putVersion.run(versionValues(key, version))
    const { content, frontMatter } = await text(version)
    if (content !== null) statements.putContent.run(version.contentSha256, content)
    if (frontMatter !== '') statements.putFrontMatter.run(key, version.version, frontMatter)
  }
  for await (const file of filesOf(prompt)) statements.putFile.run(key, file.sha256, file.text)
  for (const { key: nameKey, name, version, identity, release } of names) {
    const sortKey = release === null ? null : releaseKey(release)
    statements.insertName.run(key, nameKey, name, version, identity, release, sortKey)
  }
}

/** Skips repeated events, and those that happened after the prompt was copied. */
function prepareEventCopy(database: DatabaseSync) {
  return database.prepare(
    `INSERT INTO events (prompt, sequence, event) SELECT :key, :sequence, :event
     WHERE EXISTS (SELECT 1 FROM prompts WHERE id_key = :key AND revision >= :sequence)
     ON CONFLICT DO NOTHING`,
  )
}

function lostEvents(database: DatabaseSync): LeftOut[] {
  const rows = database
    .prepare(
      `SELECT p.id AS id, p.revision - count(e.position) AS missing
       FROM prompts p LEFT JOIN events e ON e.prompt = p.id_key
       GROUP BY p.id_key HAVING missing > 0`,
    )
    .all()
  return rows.map(({ id, missing }) => ({
    subject: String(id),
    problem: `The feed lacks ${missing} of its events. Restore the table from an earlier time to have them.`,
  }))
}
