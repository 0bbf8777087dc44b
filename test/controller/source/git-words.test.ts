import { describe, expect, test } from 'vitest'
import {
  type Diagnosis,
  LOCAL_DIAGNOSES,
  REMOTE_DIAGNOSES,
} from '../../../controller/source/git/diagnoses.ts'
import { type FailureContext, gitFailure, scrubber } from '../../../controller/source/git/errors.ts'
import { SOURCE_ERRORS, type SourceErrorCode } from '../../../controller/source/source-error.ts'

const OID = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const HOST = 'git.acme.test'
const URL = `https://${HOST}/acme/prompts.git`

const context = (more: Partial<FailureContext> = {}): FailureContext => ({
  where: 'remote',
  doing: 'fetch the commits',
  names: { repository: URL, host: HOST, cache: '/var/cache/x', hasCredentials: true },
  timeouts: { firstByteMs: 10_000, silenceMs: 60_000 },
  scrub: scrubber(['hush-hush']),
  ...more,
})

const failure = (errors: string, more: Partial<FailureContext> = {}) =>
  gitFailure({ code: 128, errors }, context(more))

/** What git, curl, SSH and hosts are known to say, and what of the sentence shows that it was understood. */
const WORDS: readonly [string, SourceErrorCode, RegExp][] = [
  [
    'error: file write error: No space left on device\nfatal: index-pack failed',
    'disk_full',
    /disk of the cache folder \/var\/cache\/x/,
  ],
  ['fatal: write error: Disk quota exceeded', 'disk_full', /is full/],
  [
    "fatal: could not open '/var/cache/x/1.git/FETCH_HEAD' for writing: Read-only file system",
    'cache_unwritable',
    /\/var\/cache\/x/,
  ],
  [
    'error: insufficient permission for adding an object to repository database ./objects',
    'cache_unwritable',
    /cannot be written/,
  ],
  ['fatal: unable to create temporary file: Permission denied', 'cache_unwritable', /cannot be written/],
  [
    'error: cannot lock ref: Unable to create /var/cache/x/packed-refs.lock: Permission denied',
    'cache_unwritable',
    /cannot be written/,
  ],
  ['error: cannot run ssh: No such file or directory\nfatal: unable to fork', 'git_missing', /SSH client/],
  ["git: 'remote-https' is not a git command. See 'git --help'.", 'git_missing', /does not support https/],
  ["error: unknown option `refetch'\nusage: git fetch [<options>]", 'git_missing', /too old/],
  [
    "fatal: unable to access 'x': Could not resolve proxy: proxy.acme.test",
    'unreachable',
    /proxy proxy\.acme\.test does not resolve/,
  ],
  [
    "fatal: unable to access 'x': CONNECT tunnel failed, response 503",
    'unreachable',
    /proxy could not reach.*503/,
  ],
  ["fatal: unable to access 'x': Received HTTP code 407 from proxy after CONNECT", 'proxy_refused', /407/],
  ["fatal: unable to access 'x': CONNECT tunnel failed, response 403", 'proxy_refused', /403/],
  [
    "fatal: unable to access 'x': Can't complete SOCKS5 connection to git.acme.test. (2)",
    'proxy_refused',
    /proxy refused/,
  ],
  [
    "fatal: unable to access 'x': SSL certificate problem: certificate has expired",
    'certificate_untrusted',
    /certificate of git\.acme\.test has expired\. Let the host renew/,
  ],
  [
    "fatal: unable to access 'x': SSL certificate problem: certificate is not yet valid",
    'certificate_untrusted',
    /is not yet valid.*clock/,
  ],
  [
    "fatal: unable to access 'x': SSL: no alternative certificate subject name matches target host name 'git.acme.test'",
    'certificate_untrusted',
    /another name/,
  ],
  [
    "fatal: unable to access 'x': SSL: certificate subject name (a.test) does not match target host name 'git.acme.test'",
    'certificate_untrusted',
    /another name/,
  ],
  [
    "fatal: unable to access 'x': error setting certificate verify locations:  CAfile: /nowhere CApath: none",
    'certificate_untrusted',
    /file of trusted authorities/,
  ],
  [
    "fatal: unable to access 'x': SSL certificate problem: self-signed certificate in certificate chain",
    'certificate_untrusted',
    /not trusted.*GIT_SSL_CAINFO/,
  ],
  [
    "fatal: unable to access 'x': server certificate verification failed. CAfile: none CRLfile: none",
    'certificate_untrusted',
    /not trusted/,
  ],
  [
    '@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\r\nfatal: Could not read from remote repository.',
    'host_key_untrusted',
    /has changed/,
  ],
  [
    'No ED25519 host key is known for git.acme.test and you have requested strict checking.\r\nHost key verification failed.',
    'host_key_untrusted',
    /is not known/,
  ],
  [
    'git@git.acme.test: Permission denied (publickey).\r\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.',
    'unauthorized',
    /refused the SSH key/,
  ],
  [
    "fatal: could not read Password for 'https://git.acme.test': terminal prompts disabled",
    'unauthorized',
    /refused the credentials of this source/,
  ],
  [
    "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://git.acme.test/'",
    'unauthorized',
    /refused the credentials/,
  ],
  [
    "fatal: detected dubious ownership in repository at '/srv/git/prompts'",
    'unauthorized',
    /another user.*safe\.directory/,
  ],
  [`fatal: could not fetch ${OID} from promisor remote`, 'repository_incomplete', /partial clone/],
  [
    `remote: fatal: unable to read ${OID}\nfatal: protocol error: bad pack header`,
    'repository_incomplete',
    new RegExp(`object ${OID} is missing`),
  ],
  [
    'remote: aborting due to possible repository corruption on the remote side.',
    'repository_incomplete',
    /objects are missing/,
  ],
  [
    `fatal: remote error: upload-pack: not our ref ${OID}`,
    'object_missing',
    new RegExp(`does not have ${OID}`),
  ],
  [
    'fatal: unable to update url base from redirection:\n  asked for: a\n   redirect: b',
    'redirected',
    /redirects/,
  ],
  ["fatal: transport 'file' not allowed", 'redirected', /redirects/],
  [
    "fatal: '/srv/x' does not appear to be a git repository\nfatal: Could not read from remote repository.",
    'not_found',
    /no git repository at/,
  ],
  [
    "remote: Repository not found.\nfatal: repository 'https://git.acme.test/x/' not found",
    'not_found',
    /no git repository/,
  ],
  [
    'ERROR: Repository not found.\nfatal: Could not read from remote repository.',
    'not_found',
    /no git repository/,
  ],
  [
    "remote: The project you were looking for could not be found or you don't have permission to view it.",
    'not_found',
    /no git repository/,
  ],
  [
    'fatal: https://git.acme.test/x/info/refs not valid: is this a git repository?',
    'not_a_repository',
    /does not belong to a git server/,
  ],
  [
    'fatal: protocol error: bad line length character: <htm',
    'not_a_repository',
    /does not belong to a git server/,
  ],
  [
    "fatal: unable to access 'x': Could not resolve host: git.acme.test",
    'unreachable',
    /host name git\.acme\.test does not resolve/,
  ],
  [
    'ssh: Could not resolve hostname git.acme.test: Temporary failure in name resolution',
    'unreachable',
    /does not resolve/,
  ],
  [
    "fatal: unable to access 'x': Operation too slow. Less than 1 bytes/sec transferred the last 60 seconds",
    'unreachable',
    /stopped answering/,
  ],
  ['ssh: connect to host git.acme.test port 22: Connection refused', 'unreachable', /refused the connection/],
  [
    "fatal: unable to access 'x': Failed to connect to git.acme.test port 443 after 130 ms: No route to host",
    'unreachable',
    /cannot be reached/,
  ],
  ['ssh: connect to host git.acme.test port 22: Network is unreachable', 'unreachable', /cannot be reached/],
  [
    "fatal: unable to access 'x': gnutls_handshake() failed: An unexpected TLS packet was received.",
    'unreachable',
    /TLS handshake/,
  ],
  [
    "fatal: unable to access 'x': error:0A00010B:SSL routines::wrong version number",
    'unreachable',
    /TLS handshake/,
  ],
  ['kex_exchange_identification: Connection closed by remote host', 'unreachable', /was cut/],
  [
    'error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly: CANCEL (err 8)\nfatal: early EOF',
    'unreachable',
    /was cut/,
  ],
  ['fatal: the remote end hung up unexpectedly', 'unreachable', /was cut/],
  ["fatal: unable to access 'x': something that nobody has seen", 'unreachable', /cannot be read/],
]

test.each(WORDS)('diagnoses %j as %s', (words, code, message) => {
  const error = failure(words)
  expect(error.code).toBe(code)
  expect(error.message).toMatch(message)
  expect(error.message).toMatch(/^[A-Z].*\. [A-Z].*\.$/)
  expect(error.causeLine?.length).toBeGreaterThan(5)
})

describe('the diagnoses', () => {
  const rowOf = (words: string): Diagnosis | undefined =>
    [...LOCAL_DIAGNOSES, ...REMOTE_DIAGNOSES].find(({ match }) => match.test(words))

  test('all match some message', () => {
    const hit = new Set(WORDS.map(([words]) => rowOf(words)))
    const missed = [...LOCAL_DIAGNOSES, ...REMOTE_DIAGNOSES].filter((row) => !hit.has(row))
    expect(missed.map(({ match }) => match.source)).toEqual([])
  })

  test('of this machine do not match lines of the remote', () => {
    expect(failure('remote: fatal: write error: No space left on device\nfatal: early EOF').code).toBe(
      'unreachable',
    )
    expect(failure('fatal: early EOF', { where: 'local' }).code).toBe('cache_damaged')
    expect(failure('error: unable to write file: No space left on device', { where: 'local' }).code).toBe(
      'disk_full',
    )
  })
})

describe('the cause', () => {
  test('is one line without secrets, controls, progress and advice', () => {
    const words = [
      'remote: Enumerating objects: 5, done.        \rremote: Counting objects:  50% (1/2)',
      'Receiving objects:  99% (1/2), 1.00 KiB | 1.00 KiB/s',
      'remote: \u001b[31mred\u202E and hush-hush',
      'fatal: it broke',
      'Please make sure you have the correct access rights',
      'and the repository exists.',
    ]
    expect(failure(words.join('\n')).causeLine).toBe('remote: [31mred and ***; fatal: it broke')
  })

  test('has the last lines of a long output, and at most 500 characters', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `error: line ${index} of many`)
    const { causeLine } = failure(lines.join('\n'))
    expect(causeLine).toMatch(/^error: line 8\d of many; .*; error: line 99 of many$/)
    const long = failure(`fatal: ${'x'.repeat(5_000)}`).causeLine
    expect(long).toMatch(/^fatal: x+…$/)
    expect(long).toHaveLength(500)
  })

  test('reports how git ended if git printed nothing', () => {
    expect(failure('').causeLine).toBe('git ended with 128')
    expect(gitFailure({ code: null, errors: '' }, context()).causeLine).toBe('git ended with a signal')
  })
})

test('a silent host is named, with the time limit', () => {
  const silent = (killedBecause: 'no answer' | 'silence') =>
    gitFailure({ code: null, errors: '', killedBecause }, context())
  expect(silent('no answer')).toMatchObject({
    code: 'unreachable',
    message: `The host ${HOST} did not answer within 10 seconds. ${SOURCE_ERRORS.unreachable.next}`,
  })
  expect(silent('silence').message).toMatch(/sent nothing for 60 seconds/)
})
