import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SetProof } from '../../api/contract/proof/verify-set.ts'
import { identityOf } from '../../api/contract/proof/version-identity.ts'
import { setDigest } from '../../api/contract/release-set.ts'
import { sha256 } from '../../api/contract/version.ts'
import type { PromptResolutionError } from '../../client/errors.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import type { PromptSession } from '../../client/session.ts'
import { PUBLIC_TEXTS, proofOf } from '../support/proof.ts'

const execute = promisify(execFile)
const hasPython = await execute('python3', ['--version']).then(
  () => true,
  () => false,
)

/** The answer of a registry to `include=file`. */
function prompt(id: string, content: string, frontMatter = '') {
  const file = frontMatter + content
  const parts = { file, additions: null, sidecars: null, files: null }
  return {
    prompt_id: id,
    source: 'support',
    format: 'front-matter',
    content,
    content_sha256: sha256(content),
    ...parts,
  }
}

function identity(content: string, frontMatter = ''): string {
  return identityOf({ content }, { frontMatter, additions: null, sidecars: null, files: null })
}

const FRONT_MATTER = '---\nmodel: m\n---\n'
const RELEASED = { a: identity('A.', FRONT_MATTER), b: identity('B.') }
/** The set that sessions begin with. */
const SESSION_SET = setDigest({ source: 'support', members: RELEASED })

type Answers = Readonly<Record<string, object>>

/** A registry that answers as it is told, one list of answers for each round of calls. */
async function startRegistry(
  rounds: readonly { readonly prompts: Answers; readonly proof: SetProof | null }[],
) {
  let round = 0
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    requests.push(request.url ?? '')
    const { prompts, proof } = rounds[round] ?? { prompts: {}, proof: null }
    if (request.url === '/next') round++
    const [path = ''] = (request.url ?? '').split('?')
    const pointer = { set: SESSION_SET, sequence: 1, release: 'v1.0.0', revoked: [] }
    const resolved = async () => {
      const { references } = (await json(request)) as { references: string[] }
      return {
        results: references.map((id) => ({ reference: id, prompt: { ...prompts[id], immutable: true } })),
      }
    }
    const found =
      path === '/sources/support/set'
        ? { ...pointer, proof }
        : path === '/resolve'
          ? await resolved()
          : prompts[path.replace('/prompts/', '')]
    response
      .writeHead(200, { 'content-type': 'application/json', etag: '"1"' })
      .end(JSON.stringify(found ?? {}))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

type Outcome =
  | { readonly text: string; readonly config: unknown }
  | { readonly code: string; readonly message: string }
/** Gets each prompt without a cache. `next` begins another round, `session` a session, in which `read a` reads. */
type Ask = (url: string, calls: readonly string[]) => Promise<readonly Outcome[]>

const askTypeScript: Ask = async (url, calls) => {
  const client = new PromptRegistryClient({
    registryUrl: url,
    verify: 'require',
    ...PUBLIC_TEXTS,
    ttlMs: 0,
    env: {},
  })
  const outcomes: Outcome[] = []
  let run: PromptSession | undefined
  for (const call of calls) {
    const [, read] = call.split(' ')
    if (call === 'next') await fetch(`${url}/next`)
    else if (call === 'session') run = await client.session({ source: 'support' })
    else
      outcomes.push(
        await (read === undefined ? client.resolve(call) : (run as PromptSession).resolve(read)).then(
          ({ text, config }) => ({ text, config }),
          ({ code, message }: PromptResolutionError) => ({ code, message }),
        ),
      )
  }
  return outcomes
}

const askPython: Ask = async (url, calls) => {
  const script = `
import json, sys, urllib.request
sys.path.insert(0, "client/python")
from prompt_registry import PromptRegistryClient, PromptResolutionError
url, keys, calls = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
client = PromptRegistryClient(url, verify="require", ttl_ms=0, env={}, **keys)
outcomes = []
for call in calls:
    if call == "next":
        urllib.request.urlopen(url + "/next").read()
        continue
    if call == "session":
        run = client.session("support")
        continue
    try:
        found = run.resolve(call[5:]) if call.startswith("read ") else client.resolve(call)
        outcomes.append({"text": found.text, "config": found.config})
    except PromptResolutionError as error:
        outcomes.append({"code": error.code, "message": str(error)})
print(json.dumps(outcomes))`
  const keys = { keys: PUBLIC_TEXTS.keys, emergency_keys: PUBLIC_TEXTS.emergencyKeys }
  const given = [url, JSON.stringify(keys), JSON.stringify(calls)]
  return JSON.parse((await execute('python3', ['-B', '-c', script, ...given])).stdout)
}

const refused = (sentence: string) => ({ code: 'unverified', message: expect.stringContaining(sentence) })

describe.each([
  ['the TypeScript client', askTypeScript, true, { model: 'm' }],
  // It has no reader of YAML.
  ['the Python client', askPython, hasPython, null],
] as const)('%s', (_, ask, isHere, config) => {
  const proven = {
    prompts: { a: prompt('a', 'A.', FRONT_MATTER), b: prompt('b', 'B.') },
    proof: proofOf({ members: RELEASED }),
  }

  test.skipIf(!isHere)('asks once for the set of a source, and reads the file itself', async () => {
    const lying = { ...prompt('a', 'A.', FRONT_MATTER), config: { model: 'other' } }
    const { url, requests } = await startRegistry([{ ...proven, prompts: { ...proven.prompts, a: lying } }])
    expect(await ask(url, ['a', 'b'])).toEqual([
      { text: 'A.', config },
      { text: 'B.', config: null },
    ])
    expect(requests).toEqual([
      '/prompts/a?include=file',
      '/sources/support/set?include=proof',
      '/prompts/b?include=file',
    ])
  })

  test.skipIf(!isHere)('refuses a text that no tag released', async () => {
    const { url } = await startRegistry([
      { ...proven, prompts: { a: prompt('a', 'You obey.', FRONT_MATTER) } },
    ])
    expect(await ask(url, ['a'])).toEqual([refused('but the signed set of source "support" has version')])
  })

  test.skipIf(!isHere)('refuses a file that does not end with its content', async () => {
    const { url } = await startRegistry([
      { ...proven, prompts: { a: { ...prompt('a', 'You obey.'), file: 'A.' } } },
    ])
    expect(await ask(url, ['a'])).toEqual([refused('The file of "a" is missing or malformed')])
  })

  test.skipIf(!isHere)('refuses a registry without a signed set', async () => {
    const { url } = await startRegistry([{ ...proven, proof: null }])
    expect(await ask(url, ['a'])).toEqual([refused('The registry has no signed set of source "support".')])
  })

  test.skipIf(!isHere)('refuses an older set than one that it saw', async () => {
    const members = { a: identity('New.'), b: RELEASED.b }
    const newer = { prompts: { a: prompt('a', 'New.') }, proof: proofOf({ sequence: 2, members }) }
    const { url } = await startRegistry([newer, proven])
    const [first, second] = await ask(url, ['a', 'next', 'a'])
    expect(first).toMatchObject({ text: 'New.' })
    // A client that knows a newer text keeps it.
    expect(second).toMatchObject({ text: 'New.' })
    const other = await startRegistry([{ ...newer, prompts: { b: prompt('b', 'B.') } }, proven])
    expect((await ask(other.url, ['b', 'next', 'a']))[1]).toEqual(
      refused('The signed set of source "support" is older (1) than one that was seen before (2).'),
    )
  })

  test.skipIf(!isHere)(
    'proves what a session reads by the set of the session, also after a newer release',
    async () => {
      const members = { a: identity('New.'), b: identity('New B.') }
      const newer = {
        prompts: { a: prompt('a', 'New.'), b: prompt('b', 'B.') },
        proof: proofOf({ sequence: 2, members }),
      }
      const { url } = await startRegistry([proven, newer])
      expect(await ask(url, ['session', 'read a', 'next', 'a', 'read a', 'read b', 'b'])).toEqual([
        { text: 'A.', config },
        { text: 'New.', config: null },
        { text: 'A.', config },
        { text: 'B.', config: null },
        refused('which only an older set has'),
      ])
    },
  )

  test.skipIf(!isHere)(
    'refuses in a session what its set does not have, even if a newer one does',
    async () => {
      const members = { a: identity('New.'), b: RELEASED.b }
      const newer = { prompts: { a: prompt('a', 'New.') }, proof: proofOf({ sequence: 2, members }) }
      const { url } = await startRegistry([{ ...proven, prompts: { b: prompt('b', 'B.') } }, newer])
      const [first, second, third] = await ask(url, ['session', 'read b', 'next', 'a', 'read a'])
      expect([first, second]).toEqual([
        { text: 'B.', config: null },
        { text: 'New.', config: null },
      ])
      expect(third).toEqual(refused('but the signed set of source "support" has version'))
    },
  )

  test.skipIf(!isHere)('refuses a session of a set that nobody signed', async () => {
    const { url } = await startRegistry([{ ...proven, proof: proofOf({ members: { b: RELEASED.b } }) }])
    expect(await ask(url, ['session', 'read b'])).toEqual([
      refused('There is no signed statement about the set'),
    ])
  })

  test.skipIf(!isHere)('follows the sets of newer releases', async () => {
    const members = { a: identity('New.'), b: RELEASED.b }
    const newer = { prompts: { a: prompt('a', 'New.') }, proof: proofOf({ sequence: 2, members }) }
    const { url } = await startRegistry([proven, newer])
    expect(await ask(url, ['a', 'next', 'a'])).toEqual([
      { text: 'A.', config },
      { text: 'New.', config: null },
    ])
  })
})

test('a key that is none is a wrong configuration', async () => {
  const client = new PromptRegistryClient({
    registryUrl: 'http://127.0.0.1:9',
    verify: 'require',
    keys: ['x'],
    env: {},
  })
  await expect(client.get('a')).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('The key "x" cannot verify anything: its type "x" is not supported'),
  })
})
