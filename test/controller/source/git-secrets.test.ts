import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { SourceError } from '../../../controller/source/git-source.ts'
import { startGitHttpServer } from '../../support/git-http-server.ts'
import { isolatedGitEnvironment } from '../../support/git-repository.ts'
import { allFiles, LOGIN, processesWith, sourceOf, withHttpWorld, withWorld } from './git-world.ts'
import { readEverything } from './read-repository.ts'

const basic = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')
/** Every way in which the password might be spelled. */
const spellings = [LOGIN.password, encodeURIComponent(LOGIN.password), encodeURI(LOGIN.password), basic]

function expectNoSecret(text: string): void {
  for (const secret of spellings) expect(text).not.toContain(secret)
}

/** Everything that a log line could show of an error, causes included. */
const everything = (error: unknown) => inspect(error, { depth: 10, showHidden: true })

test('keeps credentials out of the cache and of all arguments', (context) =>
  withHttpWorld(context, async ({ root, repository, options, server, cacheDir }) => {
    await repository.commit({ 'a.txt': '1' })
    await repository.tag('v1', { annotated: true })
    const url = new URL(`${server.url}/repo/.git`)
    url.username = LOGIN.username
    url.password = LOGIN.password
    const args: string[] = []
    server.intercept = async () => {
      args.push(...(await processesWith(root)), ...(await processesWith(server.url)))
      return false
    }
    for (const change of [{}, { repository: url.href, credentials: undefined }]) {
      expect(await readEverything(sourceOf(options({ ...change, cacheDir })))).toHaveLength(2)
    }
    if (existsSync('/proc/self/cmdline')) {
      expect(args.join('\n')).toMatch(/remote-http/)
      expectNoSecret(args.join('\n'))
    }
    for (const text of (await allFiles(cacheDir)).values()) expectNoSecret(text)
    // Both addresses are the same repository, so the second one reads the first one's cache.
    expect(existsSync(join(cacheDir, '1.git'))).toBe(true)
  }))

test('keeps credentials out of errors, even when the server repeats them', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    await repository.commit({ 'a.txt': '1' })
    for (const status of [301, 400, 403, 500]) {
      server.intercept = (request, response) => {
        const body = `You sent ${request.headers.authorization} ${spellings.join(' ')} to ${request.url}.`
        const location = `https://elsewhere.example.com/${encodeURI(body)}?${spellings[1]}`
        response.writeHead(status, { 'content-type': 'text/plain', location }).end(body)
        return true
      }
      const error = await sourceOf(options())
        .listRefs()
        .catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(SourceError)
      expect(everything(error)).toContain('You sent')
      expectNoSecret(everything(error))
    }
  }))

test('reports refused access if the login is wrong', (context) =>
  withHttpWorld(context, async ({ options }) => {
    const wrong = { username: 'robot', password: 'not-this-one' }
    const error = await sourceOf(options({ credentials: wrong }))
      .listRefs()
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unauthorized', message: expect.stringMatching(/credentials/) })
    expect(everything(error)).not.toContain('not-this-one')
  }))

test('accepts a complete header instead of a login', (context) =>
  withHttpWorld(context, async ({ repository, options }) => {
    await repository.commit({ 'a.txt': '1' })
    const header = `Authorization: Basic ${basic}`
    expect(await readEverything(sourceOf(options({ credentials: { header } })))).toHaveLength(1)
  }))

test('does not send credentials to the target of a redirect', (context) =>
  withHttpWorld(context, async ({ root, repository, options, server }) => {
    await repository.commit({ 'a.txt': '1' })
    const other = await startGitHttpServer({ root })
    const visitors: string[] = []
    other.intercept = ({ headers }) => {
      visitors.push(headers.authorization ?? 'nothing')
      return false
    }
    server.intercept = (request, response) => {
      response.writeHead(302, { location: `${other.url}${request.url}` }).end()
      return true
    }
    await expect(sourceOf(options()).listRefs()).rejects.toThrow(/redirect/)
    await other.close()
    expect(visitors).toEqual([])
  }))

test('passes only a few environment variables to git', () =>
  withWorld(async ({ root, repository, options }) => {
    await repository.commit({ 'a.txt': '1' })
    const trace = join(root, 'trace')
    const env = {
      ...isolatedGitEnvironment(),
      ...{ GIT_TRACE: trace, GIT_TRACE_CURL: trace, GIT_DIR: '/nowhere', GIT_OBJECT_DIRECTORY: '/nowhere' },
      ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.sshCommand', GIT_CONFIG_VALUE_0: 'false' },
      ...{
        EDITOR: 'false',
        PAGER: 'false',
        GIT_EDITOR: 'false',
        GIT_ALLOW_PROTOCOL: 'none',
        PREFIX: '/nowhere',
      },
    }
    expect(await readEverything(sourceOf(options({ env })))).toHaveLength(1)
    expect(existsSync(trace)).toBe(false)
  }))

test('refuses an address that could be an option or a helper, without repeating it', () =>
  withWorld(async ({ root, options }) => {
    const touched = join(root, 'touched')
    const refused = [
      '',
      `--upload-pack=touch ${touched}`,
      `ext::sh -c "touch ${touched}"`,
      'fd::17',
      'git://example.com/repo.git',
      'ftp://example.com/repo.git',
      'https://example.com/repo.git?token=hush',
      'https://example.com/repo.git#hush',
      'http://',
      'https://exa\nmple.com/repo.git',
      'host:path\nmore',
    ]
    for (const repository of refused) {
      let error: unknown
      try {
        sourceOf(options({ repository }))
      } catch (reason) {
        error = reason
      }
      expect(error, repository).toMatchObject({ name: 'SourceError', code: 'failed' })
      expect(everything(error)).not.toContain('hush')
    }
    expect(existsSync(touched)).toBe(false)
  }))

test('refuses an invalid branch name', () =>
  withWorld(async ({ options }) => {
    for (const branch of [
      '',
      '-x',
      '--upload-pack=x',
      'a b',
      'a..b',
      'a*',
      'x.lock',
      '/x',
      'x/',
      '@',
      'a\n',
    ]) {
      expect(() => sourceOf(options({ branch })), branch).toThrow(/not a valid branch name/)
    }
    for (const branch of ['main', 'release/1.0', 'fix-1', 'ümlaut', 'a@b']) sourceOf(options({ branch }))
  }))

test('does not follow a redirect to a file', (context) =>
  withHttpWorld(context, async ({ root, repository, options }) => {
    await repository.commit({ 'a.txt': '1' })
    const open = await startGitHttpServer({ root })
    const source = sourceOf(options({ repository: `${open.url}/repo/.git`, credentials: undefined }))
    expect((await source.listRefs()).branch).toBe('main')
    open.intercept = (_, response) => {
      response.writeHead(302, { location: `file://${root}/repo/.git/info/refs` }).end()
      return true
    }
    await expect(source.listRefs()).rejects.toMatchObject({ code: 'redirected' })
    await open.close()
  }))
