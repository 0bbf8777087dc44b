import { join } from 'node:path'
import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import { describe, expect, it } from 'vitest'
import { loadSecretDetector, SECRET_NAMES } from '../../../controller/prompts/secret-detector.ts'
import { findUnsafeText } from '../../../controller/prompts/text-safety.ts'
import { fabricMissing, openHistory } from '../../support/fabric.ts'
import { scratchFolder } from '../../support/scratch.ts'

const detectSecrets = await loadSecretDetector()
const find = (text: string) => findUnsafeText(text, detectSecrets)

/** Random-looking letters and digits, the same ones each time. This file has no real secret. */
function letters(count: number, alphabet = 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW0yZ'): string {
  return Array.from(
    { length: count },
    (_, index) => alphabet[(index * 7 + (index >> 3)) % alphabet.length],
  ).join('')
}
const UPPER = 'ABCDEFGHJKLMNPQRSTUVWY234567'
const pem = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`
const keyBody = `MIIE${letters(60)}\n${letters(64)}\n${letters(20)}==`

const SECRETS: readonly (readonly [name: string, text: string])[] = [
  ['an AWS access key ID', `AKIA${letters(16, UPPER)}`],
  ['an AWS access key ID', `"ASIA${letters(16, UPPER)}"`],
  ['an AWS secret access key', `aws_secret_access_key = ${letters(40)}`],
  ['a Google API key', `key=AIza${letters(35)}`],
  ['a GitHub token', `ghp_${letters(36)}`],
  ['a GitHub token', `gho_${letters(36)}`],
  ['a GitHub token', `ghs_${letters(36)}`],
  ['a GitHub token', `github_pat_${letters(82)}`],
  ['a GitLab token', `glpat-${letters(20)}`],
  ['a Slack token', `xoxb-123456789012-1234567890123-${letters(24)}`],
  ['a Slack token', `https://hooks.slack.com/services/T${letters(8)}/B${letters(8)}/${letters(24)}`],
  ['an Anthropic API key', `sk-ant-api03-${letters(93)}AA`],
  ['an OpenAI API key', `sk-${letters(20)}T3BlbkFJ${letters(20)}`],
  ['an OpenAI API key', `sk-proj-${letters(74)}T3BlbkFJ${letters(74)}`],
  ['a Hugging Face token', `hf_${letters(34, 'abcdefghijkLMNOPQRSTuvwxyz')}`],
  ['an npm token', `npm_${letters(36)}`],
  ['a SendGrid API key', `SG.${letters(22)}.${letters(43)}`],
  ['a Stripe API key', `sk_live_${letters(24)}`],
  ['a Groq API key', `gsk_${letters(52)}`],
  ['a Linear token', `lin_api_${letters(40)}`],
  ['a Shopify token', `shpat_${letters(32)}`],
  ['a Docker token', `dckr_pat_${letters(27)}`],
  ['a Databricks token', `dapi${letters(32, '0123456789abcdef')}`],
  ['a Notion token', `ntn_12345678901${letters(35)}`],
  ['a Vault token', `hvs.${letters(95)}`],
  ['a Grafana token', `glsa_${letters(32)}_0a1b2c3d`],
  ['a Figma token', `figd_${letters(40)}`],
  ['a Tailscale key', `tskey-auth-${letters(12)}-${letters(32)}`],
  ['a Vercel token', `vcp_${letters(24)}`],
  ['a Cloudflare key', `cfut_${letters(40)}0a1b2c3d`],
  ['a URL with a password', 'https://bob:s3cr3tPw@host.internal.io/x'],
  ['a database URL with a password', 'postgres://bob:s3cr3tPw9@db.internal.io:5432/x'],
  ['a database URL with a password', 'mongodb+srv://bob:s3cr3tPw9@cluster.internal.io/x'],
  ['a private key', pem('RSA PRIVATE KEY', keyBody)],
  ['a private key', pem('PRIVATE KEY', `MC4CAQAwBQYDK2VwBCIEI${letters(43)}`)],
  ['a private key', pem('ENCRYPTED PRIVATE KEY', keyBody)],
  ['a private key', pem('RSA PRIVATE KEY', `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n${keyBody}`)],
  ['a private key', pem('EC PRIVATE KEY', keyBody).replaceAll('\n', '\r\n')],
  ['a private key', pem('OPENSSH PRIVATE KEY', `b3BlbnNzaC1rZXktdjE${letters(80)}`)],
  ['a private key', pem('PGP PRIVATE KEY BLOCK', `Version: 2\n\nlQOY${letters(60)}\n${letters(64)}\n=Ab3d`)],
  ['a private key', pem('PRIVATE KEY', keyBody).replaceAll('\n', '\\n')],
  ['a private key', pem('PRIVATE KEY', keyBody).replaceAll('\n', '\n    ')],
  ['a private key', `-----BEGIN PRIVATE KEY-----\n${keyBody}`],
]

describe('a secret', () => {
  it.each(SECRETS)('%s is found at its place, and is not in the message', (name, secret) => {
    const found = find(`You help.\nUse ${secret} for it.\n`)
    const code = name === 'a private key' ? 'private_key' : 'live_credential'
    expect(found).toEqual([
      { code, line: 2, column: expect.any(Number), message: expect.stringContaining(name) },
    ])
    for (let at = 0; at + 8 <= secret.length; at++) {
      const piece = secret.slice(at, at + 8)
      if (/^[A-Za-z0-9]+$/.test(piece)) expect(found[0]?.message).not.toContain(piece)
    }
  })

  it('has the column of its first character, in characters', () => {
    expect(find(`🙂é ghp_${letters(36)}`)).toMatchObject([{ line: 1, column: 4 }])
    expect(find(`---\r\nkey: ghp_${letters(36)}\r\n---\r\n`)).toMatchObject([{ line: 2, column: 6 }])
  })

  it('is found even if the file asks not to check it', () => {
    const token = `ghp_${letters(36)}`
    for (const wish of ['secretlint-disable', '/* secretlint-disable */', '# secretlint-disable-next-line'])
      expect(find(`${wish}\n${token}`)).toHaveLength(1)
  })

  it('is found once, even if several rules match', () => {
    expect(find(`https://bot:ghp_${letters(36)}@git.internal.io/x`)).toMatchObject([
      { column: 1, message: expect.stringContaining('a URL with a password') },
    ])
  })
})

describe('a text without secrets', () => {
  it.each([
    ['prose', 'Never ask for a password, an API key or a token.'],
    ['a rule about tokens', 'Tokens begin with ghp_, sk-ant- or AKIA. Redact them.'],
    ['the example of AWS', 'AKIAIOSFODNN7EXAMPLE'],
    ['another example of AWS', 'AKIAI44QH8DHBEXAMPLE'],
    ['a placeholder of x', `ghp_${'x'.repeat(36)}`],
    ['a placeholder of X', `AKIA${'X'.repeat(16)}`],
    ['a key ID that goes on', `AKIA${letters(16, UPPER)}7`],
    ['a key ID within a word', `xAKIA${letters(16, UPPER)}`],
    ['a token that is too short', `ghp_${letters(35)}`],
    ['a token that is too long', `ghp_${letters(37)}`],
    ['a Google key that goes on', `AIza${letters(36)}`],
    ['a hash', letters(64, '0123456789abcdef')],
    ['a UUID', '123e4567-e89b-42d3-a456-426614174000'],
    ['an image in a URL', `data:image/png;base64,${letters(400)}`],
    ['a URL with a placeholder', 'https://user:password@example.com/x'],
    ['a URL with a template', 'postgres://{{user}}:{{password}}@{{host}}/x'],
    ['a URL with a variable', `postgres://app:\${DB_PASSWORD}@db.internal.io/x`],
    ['a local database', 'postgres://localhost:5432/x'],
    ['an e-mail address', 'mailto:bob@example.com'],
    ['a variable for an npm token', `//registry.example.com/:_authToken=\${NPM_TOKEN}`],
    ['a template of a secret', 'Authorization: Bearer {{ secrets.TOKEN }}'],
    ['a public key', pem('PUBLIC KEY', keyBody)],
    ['a certificate', pem('CERTIFICATE', keyBody)],
    ['an OpenPGP message', pem('PGP MESSAGE', keyBody)],
    ['an SSH public key', `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letters(43)} bob`],
    ['the first line of a private key', 'Redact everything below -----BEGIN PRIVATE KEY-----.'],
    ['the first and last line of a private key', pem('PRIVATE KEY', '...')],
    ['a placeholder of a private key', pem('RSA PRIVATE KEY', '<your private key>')],
    ['a cut private key', pem('PRIVATE KEY', 'MIIEvgIBADANBgkqhkiG9w0BAQEFAASC...')],
    [
      'prose between the lines of a private key',
      pem('PRIVATE KEY', 'and whatever stands here, up to the line that ends the key'),
    ],
    ['words in capitals', 'AUTHORIZATIONREQUIREMENTS SHALL NOT BE IGNORED'],
    ['a base64 example', Buffer.from('The quick brown fox jumps over the lazy dog').toString('base64')],
    ['a phone number', '+49 30 1234567890123456'],
    ['code that reads a variable', 'const key = process.env.OPENAI_API_KEY'],
    ['a shell variable', 'export GITHUB_TOKEN="$TOKEN"'],
    ['an npm package', 'npm_config_registry and npm_package_version'],
    ['Persian with joiners', 'می\u200Cخواهم'],
    ['emoji', '👨\u200D👩\u200D👧 ❤\uFE0F 🏳\uFE0F\u200D🌈'],
    ['Hebrew with a mark', 'שלום!\u200F'],
    ['a byte order mark and front matter', '\uFEFF---\r\ndescription: x\r\n---\r\nText'],
    ['nothing', ''],
  ])('%s has no finding', (_what, text) => {
    expect(find(text)).toEqual([])
  })
})

describe('hidden characters', () => {
  it.each([
    ['bidirectional_control', 'a\nb\u202Ec', 'U+202E', 2, 2],
    ['bidirectional_control', 'abc\u200E', 'U+200E', 1, 4],
    ['invisible_character', '🙂ab\u200B', 'U+200B', 1, 4],
    ['tag_character', 'x\u{E0041}\u{E0042}', '2 characters from U+E0041', 1, 2],
  ])('give %s', (code, text, name, line, column) => {
    expect(find(text)).toEqual([{ code, line, column, message: expect.stringContaining(name) }])
  })

  it('of one kind in a row are one finding', () => {
    expect(find('a\u200B\u2060\uFEFFb\u200Bc\u202E\u200B')).toMatchObject([
      { code: 'invisible_character', column: 2, message: expect.stringContaining('3 characters') },
      { code: 'invisible_character', column: 6 },
      { code: 'bidirectional_control', column: 8 },
      { code: 'invisible_character', column: 9 },
    ])
  })

  it('and secrets come in the order of the text, twenty at most', () => {
    const text = `a\u200Bb ghp_${letters(36)} \u202E\n`
    expect(find(text).map(({ code }) => code)).toEqual([
      'invisible_character',
      'live_credential',
      'bidirectional_control',
    ])
    expect(find(text.repeat(10))).toHaveLength(20)
    expect(find(text.repeat(10)).at(-1)).toMatchObject({ line: 7, code: 'live_credential' })
  })
})

describe('the rules of the detector', () => {
  it('all have a display name, except those for file names and those left out', () => {
    const ids = rules.map(({ meta }) => meta.id.replace('@secretlint/secretlint-rule-', ''))
    const unnamed = ids.filter((id) => SECRET_NAMES[id] === undefined)
    expect(unnamed.sort()).toEqual(['filter-comments', 'gcp', 'privatekey'])
  })

  it('are synchronous', () => {
    const context = {
      sharedOptions: {},
      createTranslator: () => () => ({}),
      report: () => {},
      ignore: () => {},
    }
    for (const rule of rules) {
      if (rule.meta.id.endsWith('filter-comments')) continue
      const answer: unknown = rule
        .create(context, {})
        .file?.({ content: 'x', contentType: 'text', filePath: '', ext: '' })
      expect(answer).toBeUndefined()
    }
  })
})

describe('a hostile text as large as a prompt may be', () => {
  it.each([
    'ghs_1_',
    'ghs_1_a.',
    'SG.a._',
    'xoxb-a-',
    'https://a:b@c.',
    'mongodb://a:b@h?',
    'ops_eyfQ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\\n',
    'aws_secret_access_key = ',
    'AKIA',
    '\u200B',
    'a\u200B',
    'ש\u200F',
    '\u{1F3F4}\u{E0067}',
    '🙂\u200D',
  ])('of repeated %j is searched to its end', (piece) => {
    const text = piece.repeat(Math.ceil((256 * 1024) / piece.length))
    expect(find(`${text} ${'a'.repeat(1000)} \u202E`).length).toBeLessThanOrEqual(20)
    expect(detectSecrets(`${text} AKIA${letters(16, UPPER)}`).at(-1)?.name).toBe('an AWS access key ID')
  })
})

describe('real prompts', () => {
  it('have no secret, and of 280 files one has invisible characters', async (context) => {
    const missing = fabricMissing()
    if (missing !== undefined) context.skip(missing)
    const history = await openHistory(join(await scratchFolder(), 'upstream.git'))
    const prompts = await history.promptsAt(history.tip)
    expect(prompts.size).toBeGreaterThan(200)
    const unsafe = [...prompts]
      .filter(([, bytes]) => find(bytes.toString('utf8')).length > 0)
      .map(([id]) => id)
    // Zero-width spaces at the start of lines, pasted from a web page.
    expect(unsafe).toEqual(['write_nuclei_template_rule/system'])
  })
})
