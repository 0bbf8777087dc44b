import type { SourceErrorCode } from '../source-error.ts'

/** The names for the sentences. */
export interface DiagnosisNames {
  /** The cache folder. */
  readonly cache: string
  /** The repository's address without credentials, or its local path. */
  readonly repository: string
  /** The host's name; `this machine` for a path. */
  readonly host: string
  /** Whether the source has credentials of its own. */
  readonly hasCredentials: boolean
}

/** A kind of failure, matched against git's messages (under LC_ALL=C). The first matching row applies. */
export interface Diagnosis {
  readonly match: RegExp
  readonly code: SourceErrorCode
  /** A sentence with the name of the thing. `found` is the match. */
  readonly happened: (names: DiagnosisNames, found: readonly string[]) => string
  /** Replaces the code's default advice. */
  readonly next?: string | ((names: DiagnosisNames) => string)
}

const unwritable = ({ cache }: DiagnosisNames) => `The cache folder ${cache} cannot be written.`

/** Failures of this machine. Matched against git's lines, without those of the remote. */
export const LOCAL_DIAGNOSES: readonly Diagnosis[] = [
  {
    match: /No space left on device|Disk quota exceeded/,
    code: 'disk_full',
    happened: ({ cache }) => `The disk of the cache folder ${cache} is full.`,
  },
  {
    match: /Read-only file system|insufficient permission for adding an object/,
    code: 'cache_unwritable',
    happened: unwritable,
  },
  {
    match:
      /(?:unable|cannot|could not|failed) (?:to )?(?:create|open|write|copy|mkdir|lock)\b.*: (?:Permission denied|Not a directory|Operation not permitted)/i,
    code: 'cache_unwritable',
    happened: unwritable,
  },
  {
    match: /cannot run \S*ssh\S*: No such file|ssh: (?:command )?not found/,
    code: 'git_missing',
    happened: () => 'Git needs an SSH client for this repository, but none is installed.',
    next: 'Install one, or name it in GIT_SSH_COMMAND.',
  },
  {
    match: /'remote-(https?)' is not a git command/,
    code: 'git_missing',
    happened: (_, [, scheme = '']) => `The installed git does not support ${scheme}.`,
    next: 'Install git with its HTTPS support (git-remote-https).',
  },
  {
    match: /unknown (?:option|switch)|unrecognized argument|^usage: git/m,
    code: 'git_missing',
    happened: () => 'The installed git is too old.',
  },
]

const CA = 'Add the authority that signed it to http.sslCAInfo or GIT_SSL_CAINFO.'

/** Failures of the remote. Matched against git's lines and those of the remote. */
export const REMOTE_DIAGNOSES: readonly Diagnosis[] = [
  // Proxies.
  {
    match: /Could not resolve proxy:? *([\w.-]*)/,
    code: 'unreachable',
    happened: (_, [, proxy = '']) => `The name of the proxy ${proxy} does not resolve.`,
    next: 'Check the address of the proxy in the environment (https_proxy).',
  },
  {
    match:
      /(?:HTTP code|response) (50\d) (?:from proxy )?after CONNECT|CONNECT tunnel failed, response (50\d)/,
    code: 'unreachable',
    happened: ({ host }, [, a, b]) => `The proxy could not reach the host ${host} (HTTP ${a ?? b}).`,
  },
  {
    match: /(?:HTTP code|response) (\d{3}) from proxy after CONNECT|CONNECT tunnel failed, response (\d{3})/,
    code: 'proxy_refused',
    happened: ({ host }, [, a, b]) => `The proxy refused the connection to ${host} (HTTP ${a ?? b}).`,
  },
  {
    match: /Proxy CONNECT aborted|complete SOCKS[45]? connection|SOCKS[45].*(?:refused|failed|denied)/i,
    code: 'proxy_refused',
    happened: ({ host }) => `The proxy refused the connection to ${host}.`,
  },
  // Certificates.
  {
    match: /certificate has expired|certificate is not yet valid/i,
    code: 'certificate_untrusted',
    happened: ({ host }, [words = '']) =>
      `The ${words.toLowerCase().replace('certificate', `certificate of ${host}`)}.`,
    next: 'Let the host renew its certificate, and check the clock of this machine.',
  },
  {
    match: /subject name.* does not match|no alternative certificate subject name/i,
    code: 'certificate_untrusted',
    happened: ({ host }) => `The certificate of ${host} is for another name.`,
    next: 'Use the name in the certificate, or a certificate for this name.',
  },
  {
    match:
      /error setting certificate|error reading (?:ca|X\.509) |CAfile.*No such file|problem with the (?:local )?SSL CA cert/i,
    code: 'certificate_untrusted',
    happened: () => 'The file of trusted authorities cannot be read.',
    next: 'Check http.sslCAInfo and GIT_SSL_CAINFO.',
  },
  {
    match:
      /SSL certificate problem|certificate verif(?:y|ication) failed|self.signed certificate|unable to get local issuer/i,
    code: 'certificate_untrusted',
    happened: ({ host }) => `The certificate of ${host} is not trusted.`,
    next: CA,
  },
  // SSH.
  {
    match: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: 'host_key_untrusted',
    happened: ({ host }) => `The SSH key of ${host} has changed.`,
    next: 'Confirm the new key with the host, then replace the key in known_hosts of the user that runs the controller.',
  },
  {
    match: /Host key verification failed|No \w+ host key is known/,
    code: 'host_key_untrusted',
    happened: ({ host }) => `The SSH key of ${host} is not known.`,
  },
  {
    match: /Permission denied \(|Too many authentication failures|sign_and_send_pubkey/,
    code: 'unauthorized',
    happened: ({ host, repository }) => `The host ${host} refused the SSH key for ${repository}.`,
    next: 'Add the public key of the user that runs the controller to the host, and check the address.',
  },
  // Access.
  {
    match: /could not read (?:Username|Password)|terminal prompts disabled/,
    code: 'unauthorized',
    happened: ({ host, repository, hasCredentials }) =>
      hasCredentials
        ? `The host ${host} refused the credentials of this source for ${repository}.`
        : `The host ${host} requires credentials for ${repository}, but this source has none.`,
    next: 'Check the address and the credentials of this source.',
  },
  {
    match: /Authentication failed|HTTP Basic: Access denied|error: 401\b/,
    code: 'unauthorized',
    happened: ({ host, repository }) =>
      `The host ${host} refused the credentials of this source for ${repository}.`,
  },
  {
    match: /dubious ownership/,
    code: 'unauthorized',
    happened: ({ repository }) => `The repository ${repository} belongs to another user of this machine.`,
    next: ({ repository }) =>
      `Run git config --global --add safe.directory ${repository} as the user that runs the controller.`,
  },
  // The repository itself. These rows must precede those that match the consequences.
  {
    match: /could not fetch ([0-9a-f]{40,64}) from promisor remote|lazy fetching disabled/,
    code: 'repository_incomplete',
    happened: ({ repository }) => `The repository ${repository} is a partial clone, which lacks files.`,
    next: 'Use the repository that it was cloned from.',
  },
  {
    match:
      /unable to read (?:tree )?\(?([0-9a-f]{40,64})|missing (?:blob|tree|commit)(?: object)? '?([0-9a-f]{40,64})|bad (?:object|tree object|blob) ([0-9a-f]{40,64})|possible repository corruption|did not send all necessary objects|loose object ([0-9a-f]{40,64}).* is corrupt/,
    code: 'repository_incomplete',
    happened: ({ repository }, [, ...oids]) => {
      const oid = oids.find((one) => one !== undefined)
      return `The repository ${repository} is damaged: ${oid === undefined ? 'objects are' : `the object ${oid} is`} missing in it.`
    },
    next: 'Run git fsck in the repository, and restore the objects that it reports.',
  },
  {
    match:
      /not our ref ([0-9a-f]*)|unadvertised object ([0-9a-f]*)|couldn't find remote ref|upload-pack: not found/,
    code: 'object_missing',
    happened: ({ repository }, [, ...oids]) =>
      `The repository ${repository} does not have ${oids.find((oid) => oid) ?? 'an object'}, which it listed.`,
    next: 'Retry. If the repository did not change meanwhile, run git fsck in it.',
  },
  {
    match: /unable to update url base from redirection|transport '(\w+)' not allowed|error: 30\d\b/,
    code: 'redirected',
    happened: ({ host, repository }) => `The host ${host} redirects ${repository} to another address.`,
  },
  {
    match:
      /does not appear to be a git repository|not a git repository|[Rr]epository (?:'.*' )?(?:not found|does not exist)|error: 404\b|project you were looking for could not be found/,
    code: 'not_found',
    happened: ({ repository }) => `There is no git repository at ${repository}.`,
  },
  {
    match: /\/info\/refs not valid|bad line length character|invalid server response|unable to parse remote/,
    code: 'not_a_repository',
    happened: ({ repository }) => `The address ${repository} does not belong to a git server.`,
  },
  // The network.
  {
    match:
      /Could not resolve host|Could not resolve hostname|Name or service not known|Temporary failure in name resolution/,
    code: 'unreachable',
    happened: ({ host }) => `The host name ${host} does not resolve.`,
    next: 'Check the address and DNS.',
  },
  {
    match: /Operation too slow/,
    code: 'unreachable',
    happened: ({ host }) => `The host ${host} stopped answering.`,
  },
  {
    match: /Connection refused/,
    code: 'unreachable',
    happened: ({ host }) => `The host ${host} refused the connection.`,
  },
  {
    match:
      /No route to host|Network is unreachable|Connection timed out|Operation timed out|Failed to connect|Couldn't connect/,
    code: 'unreachable',
    happened: ({ host }) => `The host ${host} cannot be reached.`,
  },
  {
    match:
      /wrong version number|gnutls_handshake|SSL_connect|SSL connect error|TLS connect error|handshake failure|alert \w+|SSL_ERROR|unsupported protocol/i,
    code: 'unreachable',
    happened: ({ host }) => `The TLS handshake with ${host} failed.`,
    next: 'Check the scheme and port of the address, and the TLS versions of the host.',
  },
  {
    match:
      /Connection reset|hung up|early EOF|unexpected disconnect|RPC failed|Could not read from remote|unexpected EOF|expected flush|invalid packet|protocol error|Connection closed|Empty reply|transfer closed|Recv failure|Send failure|bad pack header|GnuTLS recv error|Broken pipe|bytes of (?:body|length header)|expected response end/i,
    code: 'unreachable',
    happened: ({ host }) => `The connection to ${host} was cut.`,
    next: 'The controller retries automatically. Check the network if it happens again.',
  },
  {
    match: /unable to access/,
    code: 'unreachable',
    happened: ({ repository }) => `The repository ${repository} cannot be read.`,
  },
]
