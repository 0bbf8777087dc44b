import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PromptResolutionError } from '../../client/errors.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { encodeSnapshot, type SavedAnswer } from '../../client/snapshot.ts'
import { PUBLIC_TEXTS } from '../support/proof.ts'
import {
  type Bundle,
  emergencyBundle,
  type ProofCase,
  REFERENCES,
  REFUSED,
  signedBundle,
} from './proof-cases.ts'

const execute = promisify(execFile)
const hasPython = await execute('python3', ['--version']).then(
  () => true,
  () => false,
)

/** The text, or why there is none. */
type Outcome = { readonly text: string } | { readonly code: string; readonly message: string }

interface Asked {
  readonly file: string
  readonly references: readonly string[]
}

let folder: string
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundles-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function written({ answers, proofs }: Bundle): Promise<string> {
  const file = join(folder, `${files++}.bundle`)
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  await writeFile(file, await encodeSnapshot(answers as unknown as SavedAnswer[], null, sha256, proofs))
  return file
}

async function askTypeScript(asked: readonly Asked[]): Promise<readonly Outcome[]> {
  const outcomes = asked.flatMap(({ file, references }) => {
    const client = new PromptRegistryClient({ bundle: { file }, verify: 'require', ...PUBLIC_TEXTS, env: {} })
    return references.map((reference) =>
      client.get(reference).then(
        (text) => ({ text }),
        ({ code, message }: PromptResolutionError) => ({ code, message }),
      ),
    )
  })
  return await Promise.all(outcomes)
}

async function askPython(asked: readonly Asked[]): Promise<readonly Outcome[]> {
  const script = `
import json, sys
sys.path.insert(0, "client/python")
from prompt_registry import PromptRegistryClient, PromptResolutionError
keys, asked = json.loads(sys.argv[1]), json.loads(sys.argv[2])
outcomes = []
for one in asked:
    client = PromptRegistryClient(bundle_file=one["file"], verify="require", env={}, **keys)
    for reference in one["references"]:
        try:
            outcomes.append({"text": client.get(reference)})
        except PromptResolutionError as error:
            outcomes.append({"code": error.code, "message": str(error)})
print(json.dumps(outcomes))`
  const keys = { keys: PUBLIC_TEXTS.keys, emergency_keys: PUBLIC_TEXTS.emergencyKeys }
  const given = [JSON.stringify(keys), JSON.stringify(asked)]
  const { stdout } = await execute('python3', ['-B', '-c', script, ...given], { maxBuffer: 1e8 })
  return JSON.parse(stdout)
}

describe.each([
  ['the TypeScript client', askTypeScript, true],
  ['the Python client', askPython, hasPython],
] as const)('%s', (_, ask, isHere) => {
  const untouched = (make: () => Bundle) => async () => {
    const bundle = make()
    const references = bundle.answers.map(({ reference }) => reference)
    const outcomes = await ask([{ file: await written(bundle), references }])
    expect(outcomes).toEqual(bundle.answers.map(({ found: { text } }) => ({ text })))
  }
  test.skipIf(!isHere)('serves a bundle that nobody changed', untouched(signedBundle))
  test.skipIf(!isHere)('serves an emergency set of released versions', untouched(emergencyBundle))

  const outcomes = new Map<ProofCase, Outcome>()
  beforeAll(async () => {
    if (!isHere) return
    const asked = await Promise.all(
      REFUSED.map(async (one) => ({ file: await written(one.bundle()), references: [one.reference] })),
    )
    for (const [n, outcome] of (await ask(asked)).entries()) outcomes.set(REFUSED[n] as ProofCase, outcome)
  })
  test.skipIf(!isHere).each(REFUSED)('refuses a bundle with a change: $name', (one) => {
    expect(outcomes.get(one)).toMatchObject({ code: 'unverified' })
    expect(outcomes.get(one)).toHaveProperty('message', expect.stringContaining(one.sentence))
  })
})

test('at least twenty changes are tried', () => {
  expect(REFUSED.length).toBeGreaterThanOrEqual(20)
  expect(new Set(REFUSED.map(({ name }) => name)).size).toBe(REFUSED.length)
  expect(REFERENCES).toHaveLength(5)
})
