import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256 } from '../../../api/contract/version.ts'
import { makeCli, words } from './cli-under-test.ts'

/** A prompt of the source `git` with two releases, and a draft. */
async function makePrompt(id = 'triage') {
  const cli = await makeCli()
  const labels = await cli.withApi(async (api) => {
    const origin = { source: 'git' }
    const push = async (content: string) => (await api.push({ prompt_id: id, content, origin })).version
    const [one, two] = [await push('one'), await push('two')]
    await api.promote(id, { version: one, alias: '1.0.0', source: 'git' })
    await api.promote(id, { version: two, alias: '1.1.0', source: 'git' })
    return { one, two, draft: await push('draft') }
  })
  const say = async (line: string) => {
    const { code, out, err } = await cli.run(words(line))
    return code === 0 ? out.trimEnd() : `${code}: ${err.trimEnd()}`
  }
  return { ...cli, ...labels, say }
}

test('push reads a file or standard input and makes a draft', async () => {
  const { run, folder, withApi } = await makeCli()
  await writeFile(join(folder, 'a.txt'), 'from a file\r\n')
  const label = sha256('from a file\r\n').slice(0, 12)
  expect(await run(words('push a a.txt'))).toMatchObject({
    code: 0,
    err: '',
    out: `a: ${label} is a new draft; modes dev and simulation get it now.\n`,
  })
  expect((await run(words('push a a.txt'))).out).toBe(
    `a: this content is already version ${label} (draft).\n`,
  )
  const silent = await run(words('push a - --no-latest --version 2'), { stdin: 'from stdin' })
  expect(silent.out).toBe('a: 2 is a new draft; latest is unchanged.\n')
  expect(await withApi((api) => api.resolve('a', { mode: 'dev' }))).toMatchObject({
    content: 'from a file\r\n',
  })
  const json = await run(words('push a -o json'), { stdin: 'third' })
  expect(json.json()).toMatchObject({ prompt_id: 'a', status: 'draft', created: true })
})

test.each([
  [
    'a credential',
    'Hi.\nUse AKIAIOSFODNN7EXAMPLA.\n',
    'Line 2, column 5: The text has an AWS access key ID.',
  ],
  [
    'a credential in front matter',
    `---\nkey: ghp_${'a1B2'.repeat(9)}\n---\nHi.\n`,
    'Line 2, column 6: The text has a GitHub token.',
  ],
  [
    'a private key',
    `-----BEGIN PRIVATE KEY-----\n${'MIIE'.repeat(16)}\n-----END PRIVATE KEY-----\n`,
    'Line 1, column 1: The text has a private key.',
  ],
  ['hidden text', 'Sort\u202e mail.\n', 'Line 1, column 5: The text has the character U+202E'],
])('push refuses %s like sync does, unless it is allowed', async (_, stdin, sentence) => {
  const { run, withApi } = await makeCli()
  const { code, out, err } = await run(['push', 'a'], { stdin })
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain(`error: Standard input has unsafe text, so nothing was pushed. ${sentence}`)
  expect(err).toContain('use --allow-unsafe-text')
  expect(err).not.toMatch(/AKIAIO|ghp_|MIIE|\u202e/)
  for (const option of ['--description', '--tag'])
    expect((await run(['push', 'a', option, stdin.slice(0, -1)], { stdin: 'Hi.\n' })).code).toBe(1)
  expect(await withApi((api) => api.list())).toMatchObject({ prompts: [] })
  expect((await run(['push', 'a', '--allow-unsafe-text'], { stdin })).code).toBe(0)
})

test('push reads front matter like the controller does, and options only fill in missing values', async () => {
  const file =
    '---\ndescription: from the file\ntags: [x, y]\nvariables: [name]\nmodel: { temperature: 0 }\n---\nHello {{name}}\n'
  const { run, withApi } = await makeCli()
  await run(['push', 'a'], { stdin: file })
  expect(await withApi((api) => api.resolve('a', { mode: 'dev' }))).toMatchObject({
    content: 'Hello {{name}}\n',
    variables: ['name'],
    config: { model: { temperature: 0 } },
    version: sha256(file).slice(0, 12),
    description: 'from the file',
    tags: ['x', 'y'],
  })
  for (const option of [
    ['--description', 'given'],
    ['--tag', 'one'],
  ]) {
    const { code, err } = await run(['push', 'a', ...option], { stdin: file })
    expect(code).toBe(2)
    expect(err).toContain('The front matter of the file already has a')
  }
  const bare = ['push', 'b', '--description', 'given', '--tag', 'one', '--tag', 'two', '--reason', 'why']
  await run(bare, { stdin: 'text' })
  const added = await withApi((api) => api.resolve('b', { mode: 'dev' }))
  expect(added).toMatchObject({ description: 'given', tags: ['one', 'two'], file_sha256: sha256('text') })
  expect(added.version).not.toBe(sha256('text').slice(0, 12))
  const { events } = await withApi((api) => api.events('b'))
  expect(events.map(({ type, reason }) => `${type} ${reason}`)).toContain('version_pushed why')
})

test.for([
  ['nothing', '', 'The file has no content'],
  ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe]), 'The file is UTF-16'],
  ['broken front matter', '---\na: [\n---\ntext', 'Line 2: A bracket in the front matter is never closed'],
  ['too much', 'x'.repeat(400 * 1024), 'is larger than'],
] as const)('push refuses %s, and makes no registry for it', async ([, stdin, sentence]) => {
  const { run, withApi } = await makeCli()
  const { code, out, err } = await run(['push', 'a'], { stdin })
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain(sentence)
  expect((await run(['list'])).err).toContain('does not exist. Run promptctl serve')
  expect(await withApi((api) => api.list())).toMatchObject({ prompts: [] })
})

test('push and promote need an override for a prompt that a source owns, and freeze it', async () => {
  const { run, say, two, draft } = await makePrompt()
  const refused = await run(['push', 'triage'], { stdin: 'mine' })
  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(
    /belongs to the source "git".+ With promptctl, use --override\. \[not_owner\]\n$/,
  )
  expect(await say(`promote triage ${draft}`)).toContain('[not_owner]')
  expect(await say(`promote triage ${draft} --override`)).toBe(
    `triage: stable is now ${draft} instead of 1.1.0 (${two}); frozen until "promptctl unhold triage".`,
  )
  expect((await run(words('push triage --override'), { stdin: 'mine' })).out).toMatch(
    /is a new draft; .+; frozen until "promptctl unhold triage"\.\n$/,
  )
  expect(await say('alias triage best 1.0.0 --override')).toMatch(
    /^triage: best is now a name of \w+ \(deprecated\); frozen until/,
  )
})

test('promote prints the new and the former stable version', async () => {
  const { say, run, withApi } = await makeCli().then((cli) => ({
    ...cli,
    say: async (line: string) => (await cli.run(words(line))).out.trimEnd(),
  }))
  await run(words('push a - --version one'), { stdin: '1' })
  await run(words('push a - --version two'), { stdin: '2' })
  expect(await say('promote a one')).toBe('a: stable is now one; there was none before.')
  expect(await say('promote a two --alias 1.3')).toBe('a: stable is now two, named 1.3, instead of one.')
  expect(await say('promote a 1.3.0')).toBe('a: two is already stable.')
  expect(await say('promote a one --alias 1.4.0')).toBe('a: stable is now 1.4.0 (one) instead of two.')
  expect(await say('promote a two --alias 1.5.0')).toBe(
    'a: stable is now 1.5.0 (two) instead of 1.4.0 (one).',
  )
  const { revision } = await withApi((api) => api.resolve('a'))
  const stale = await run(words(`promote a one --expected-revision ${revision - 1}`))
  expect([stale.code, stale.out]).toEqual([1, ''])
  expect(stale.err).toContain('[revision_conflict]')
  const json = await run([
    ...words(`promote a one --expected-revision ${revision} -o json`),
    '--reason',
    'older is better',
  ])
  expect(json.json()).toEqual({
    prompt_id: 'a',
    version: 'one',
    release: '1.4.0',
    status: 'stable',
    changed: true,
    applied: true,
    previous: 'two',
    previous_release: '1.5.0',
    revision: revision + 1,
  })
  expect((await withApi((api) => api.events('a'))).events[0]).toMatchObject({ reason: 'older is better' })
})

test('rollback prints the new stable version and the hold', async () => {
  const { say, one, two } = await makePrompt()
  expect(await say('rollback triage --reason chatty')).toBe(
    `triage: stable is now 1.0.0 (${one}) instead of 1.1.0 (${two}); held until a higher release with different content.`,
  )
  expect(await say('rollback triage 1.0.0')).toBe(
    `triage: 1.0.0 (${one}) is already stable; held until a higher release with different content.`,
  )
  expect(await say('rollback triage 1.1.0 --hold until_lifted')).toBe(
    `triage: stable is now 1.1.0 (${two}) instead of 1.0.0 (${one}); frozen until "promptctl unhold triage".`,
  )
  const free = await makePrompt()
  expect(await free.say('rollback triage --hold none')).toBe(
    `triage: stable is now 1.0.0 (${one}) instead of 1.1.0 (${two}).`,
  )
  const json = await makePrompt()
  expect((await json.run(words('rollback triage -o json'))).json()).toMatchObject({
    version: one,
    previous: two,
    hold: { kind: 'until_release' },
  })
  expect(await json.say('rollback triage')).toMatch(/^1: error: .+ \[nothing_to_roll_back_to\]$/)
  expect(await json.say(`rollback triage ${json.draft}`)).toMatch(
    /^1: error: .+ promote it instead\. \[not_released\]$/,
  )
})

test('revoke prints the version that is served instead', async () => {
  const { say, run, one, two } = await makePrompt()
  expect(await say('revoke triage 1.1.0 --reason leak')).toBe(
    `triage: 1.1.0 (${two}) is revoked and never served again; stable is 1.0.0 (${one}).`,
  )
  expect(await say('revoke triage 1.1.0 --reason leak')).toBe(
    `triage: 1.1.0 (${two}) was already revoked; stable is 1.0.0 (${one}).`,
  )
  expect((await run(words(`revoke triage ${one} --reason leak -o json`))).json()).toMatchObject({
    revoked: [one],
    stable: null,
  })
  expect(await say(`revoke triage ${one} --reason leak`)).toContain('no version is stable now')
  expect(await say('get triage')).toMatch(/\[revoked\]$/)
})

test('revoke names every label of the content', async () => {
  const { run } = await makeCli()
  for (const label of ['one', 'two']) await run(words(`push a - --version ${label}`), { stdin: 'same' })
  expect((await run(words('revoke a two --reason leak'))).out).toBe(
    'a: two is revoked and never served again, and so is one with the same content; no version is stable now.\n',
  )
})

test('hold freezes and unhold unfreezes, and both report when nothing changes', async () => {
  const { say, run, withApi } = await makePrompt()
  expect(await say('hold triage --reason audit')).toBe(
    'triage: frozen; releases wait until "promptctl unhold triage".',
  )
  expect(await say('hold triage')).toMatch(
    /^triage: already frozen since .+, by promptctl \(audit\); nothing changed\.$/,
  )
  expect((await run(words('hold triage -o json'))).json()).toMatchObject({
    hold: { reason: 'audit' },
    changed: false,
  })
  expect(await say('unhold triage --reason done')).toBe(
    'triage: hold lifted; the next pass of its source applies the waiting releases.',
  )
  expect(await say('unhold triage')).toBe('triage: not on hold; nothing changed.')
  expect((await run(words('unhold triage -o json'))).json()).toMatchObject({ hold: null, changed: false })
  const { events } = await withApi((api) => api.events('triage'))
  expect(events.slice(0, 2).map(({ type, reason }) => [type, reason])).toEqual([
    ['hold_lifted', 'done'],
    ['held', 'audit'],
  ])
})

test('alias names a version once', async () => {
  const { run } = await makeCli()
  const say = async (line: string) => (await run(words(line))).out.trimEnd()
  await run(words('push a - --version one'), { stdin: '1' })
  await run(words('push a - --version two'), { stdin: '2' })
  expect(await say('alias a 1.0.0 one')).toBe('a: 1.0.0 is now a name of one (deprecated).')
  expect(await say('alias a 1.0.0 one')).toBe('a: 1.0.0 is already a name of one (deprecated).')
  expect((await run(words('alias a 1.0.0 two'))).err).toContain('[alias_taken]')
  expect((await run(words('alias a 2.0.0 two -o json'))).json()).toMatchObject({
    alias: '2.0.0',
    changed: true,
  })
})

test('transfer moves a prompt to another source, or leaves it without an owner', async () => {
  const { say, run } = await makePrompt()
  const typo = await run(words('transfer triage other'))
  expect([typo.code, typo.err]).toEqual([1, expect.stringContaining('Source "other" was not found')])
  expect(await say('transfer triage other --create')).toBe('triage: now belongs to the source other.')
  expect(await say('transfer triage other')).toBe(
    'triage: already belongs to the source other; nothing changed.',
  )
  expect(await say('transfer triage --to-none')).toBe('triage: now belongs to no source.')
  expect((await run(words('transfer triage git -o json'))).json()).toMatchObject({
    source: 'git',
    changed: true,
  })
})

test('transfer --prefix gives many prompts to another source, and says so of each', async () => {
  const { run } = await makeCli()
  for (const id of ['old/a', 'old/b', 'older/c']) await run(['push', id], { stdin: 'text' })
  const { out, code } = await run(words('transfer --prefix old/ new --create'))
  expect([code, out.trim().split('\n')]).toEqual([
    0,
    ['old/a: now belongs to the source new.', 'old/b: now belongs to the source new.'],
  ])
  expect((await run(words('transfer --prefix old/ --to-none -o json'))).json()).toMatchObject({
    prompts: [
      { prompt_id: 'old/a', source: null },
      { prompt_id: 'old/b', changed: true },
    ],
  })
  expect((await run(words('transfer --prefix none/ new'))).err).toContain('No prompt id starts with "none/"')
})

test('the events name the user of the machine, where the name is one', async () => {
  const { run, withApi } = await makeCli()
  await run(['push', 'a'], { stdin: '1', env: { USER: 'ada' } })
  await run(['push', 'a'], { stdin: '2', env: { USER: 'no\u001b[2Jname' } })
  const { events } = await withApi((api) => api.events('a'))
  expect(events.map(({ actor }) => actor)).toEqual(['promptctl', 'promptctl/ada'])
})
