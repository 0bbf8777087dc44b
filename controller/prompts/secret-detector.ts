import { findPrivateKeys, type TextRange } from './private-keys.ts'
import { SECRET_HINT } from './secret-hints.ts'

/** The kind and place of a secret in text, never the secret itself. */
export interface FoundSecret extends TextRange {
  readonly kind: 'credential' | 'private_key'
  /** With its article: "a GitHub token". */
  readonly name: string
}

/** Finds the secrets in text, in order. Takes time linear in the length of the text. */
export type SecretDetector = (text: string) => readonly FoundSecret[]

/** The part of a secretlint rule that is needed to run it. */
interface Rule {
  readonly meta: { readonly id: string }
  create(context: object, options: object): { file(source: object): unknown }
}

/** A file must not turn off its own check, and `findPrivateKeys` finds keys in more forms. */
const LEFT_OUT = new Set(['filter-comments', 'privatekey'])

/** What each rule of the preset finds. */
export const SECRET_NAMES: Readonly<Record<string, string>> = {
  '1password': 'a 1Password token',
  anthropic: 'an Anthropic API key',
  aws: 'an AWS secret access key',
  basicauth: 'a URL with a password',
  cloudflare: 'a Cloudflare key',
  'database-connection-string': 'a database URL with a password',
  databricks: 'a Databricks token',
  docker: 'a Docker token',
  figma: 'a Figma token',
  github: 'a GitHub token',
  gitlab: 'a GitLab token',
  grafana: 'a Grafana token',
  groq: 'a Groq API key',
  'hashicorp-vault': 'a Vault token',
  huggingface: 'a Hugging Face token',
  linear: 'a Linear token',
  notion: 'a Notion token',
  npm: 'an npm token',
  openai: 'an OpenAI API key',
  sendgrid: 'a SendGrid API key',
  shopify: 'a Shopify token',
  slack: 'a Slack token',
  stripe: 'a Stripe API key',
  tailscale: 'a Tailscale key',
  vercel: 'a Vercel token',
}

/** Patterns that the preset leaves out because they have too many false positives in code. */
const OWN_PATTERNS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['an AWS access key ID', /(?<![A-Za-z0-9_])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9_])/g],
  ['a Google API key', /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g],
]

/** Keys in documentation end like this, or have `x` instead of the secret part. */
const PLACEHOLDER = /EXAMPLE$|x{16}/i

let loading: Promise<SecretDetector> | undefined

/** The detector, loaded by the first call: its rules take 50 ms to import. */
export function secretDetector(): Promise<SecretDetector> {
  loading ??= loadSecretDetector()
  return loading
}

/**
 * Loads the rules of secretlint's recommended preset. Runs them without secretlint's core, which leaks profiler
 * marks and compares all findings with each other. Text without a hint is not searched.
 */
export async function loadSecretDetector(hint = SECRET_HINT): Promise<SecretDetector> {
  const preset: { readonly rules: readonly unknown[] } = await import(
    '@secretlint/secretlint-rule-preset-recommend'
  )
  const rules = preset.rules.filter(isRule).filter((rule) => !LEFT_OUT.has(shortId(rule)))
  return (text) => {
    if (!hint.test(text)) return []
    const found = [...privateKeys(text), ...rules.flatMap((rule) => runRule(rule, text)), ...ownSecrets(text)]
    const isLive = ({ start, end }: TextRange) => !PLACEHOLDER.test(text.slice(start, end))
    return withoutOverlaps(found.filter(isLive).sort((a, b) => a.start - b.start))
  }
}

function isRule(value: unknown): value is Rule {
  return typeof value === 'object' && value !== null && 'meta' in value && 'create' in value
}

function runRule(rule: Rule, text: string): FoundSecret[] {
  const found: FoundSecret[] = []
  const id = shortId(rule)
  const context = {
    sharedOptions: {},
    createTranslator: () => () => ({}),
    report: ({ range: [start, end] }: { readonly range: readonly [number, number] }) =>
      found.push({ kind: 'credential', name: SECRET_NAMES[id] ?? `a credential (${id})`, start, end }),
    ignore: () => {},
  }
  rule.create(context, {}).file({ content: text, contentType: 'text', filePath: '', ext: '' })
  return found
}

function shortId({ meta }: Rule): string {
  return meta.id.replace('@secretlint/secretlint-rule-', '')
}

function privateKeys(text: string): FoundSecret[] {
  return findPrivateKeys(text).map((range) => ({ kind: 'private_key', name: 'a private key', ...range }))
}

function ownSecrets(text: string): FoundSecret[] {
  return OWN_PATTERNS.flatMap(([name, pattern]) =>
    Array.from(text.matchAll(pattern), ({ 0: { length }, index }) => {
      return { kind: 'credential' as const, name, start: index, end: index + length }
    }),
  )
}

/** Two rules can find one secret, such as a password in a URL. */
function withoutOverlaps(sorted: readonly FoundSecret[]): FoundSecret[] {
  const kept: FoundSecret[] = []
  for (const secret of sorted) if (secret.start >= (kept.at(-1)?.end ?? 0)) kept.push(secret)
  return kept
}
