import type { SetStatement } from '../../api/contract/proof/set-statement.ts'
import { signSet } from '../../api/contract/proof/set-statement.ts'
import type { SetProof } from '../../api/contract/proof/verify-set.ts'
import { type IdentityParts, identityOf } from '../../api/contract/proof/version-identity.ts'
import { identityLabel } from '../../api/contract/version.ts'
import { PRIVATE, proofOf, setStatement } from '../support/proof.ts'

/** What a bundle has besides its checksum, and may be changed by whoever ships it. */
export interface Bundle {
  answers: SavedPrompt[]
  proofs: SetProof[]
}

interface SavedPrompt {
  reference: string
  mode: string
  tier: string
  at: number
  found: Record<string, unknown> & { text: string; promptId: string }
  parts?: Record<string, unknown> & { frontMatter: string | null }
}

const NONE: IdentityParts = { frontMatter: '', additions: null, sidecars: null, files: null }
const EMPTY = { description: null, tags: [], variables: null, config: null }

function saved(
  id: string,
  text: string,
  parts: Partial<IdentityParts> = {},
  fields: object = {},
): SavedPrompt {
  const all = { ...NONE, ...parts }
  const version = identityLabel(identityOf({ content: text, ...EMPTY, ...fields }, all))
  const found = { text, promptId: id, version, release: '1.3.0', status: 'stable', ...EMPTY, ...fields }
  return { reference: id, mode: 'production', tier: 'http', at: 0, found, parts: { ...all } }
}

export function identityIn({ found, parts }: SavedPrompt): string {
  const { text: content, ...fields } = found
  return identityOf({ content, ...fields }, parts as unknown as IdentityParts)
}

/** A prompt of each kind. */
const PROMPTS = {
  triage: () => saved('support/triage', 'You sort.\n', { frontMatter: '---\nmodel: small\n---\n' }),
  refund: () => saved('support/refund', 'You refund.\n'),
  tidy: () =>
    saved('support/tidy/SKILL', 'Tidy up.\n', {
      frontMatter: '---\nname: tidy\n---\n',
      additions: { description: 'Tidies', tags: ['ünï', 'a'] },
      files: [{ path: 'style.md', bytes: 3, sha256: 'a'.repeat(64) }],
    }),
  greet: () =>
    saved('support/greet', 'Hello.', {
      sidecars: { main: 'greet.txt', texts: { 'greet.yml': 'model: m\n' } },
    }),
  bare: () =>
    saved(
      'support/bare',
      'Bare {{ é }}.',
      { frontMatter: null },
      { config: { b: 1.5, a: ['x'] }, tags: ['t'] },
    ),
}

export const REFERENCES = Object.values(PROMPTS).map((make) => make().reference)

function membersOf(answers: readonly SavedPrompt[]): Record<string, string> {
  return Object.fromEntries(answers.map((one) => [one.found.promptId, identityIn(one)]))
}

export function signedBundle(
  fields: Partial<SetStatement> = {},
  releases: readonly SetStatement[] = [],
): Bundle {
  const answers = Object.values(PROMPTS).map((make) => make())
  return { answers, proofs: [proofOf({ sequence: 5, members: membersOf(answers), ...fields }, releases)] }
}

/** The same prompts after a rollback by hand, proven by the release that had them. */
export function emergencyBundle(): Bundle {
  const released = setStatement({ sequence: 5, members: membersOf(signedBundle().answers) })
  const { 'support/bare': _, ...members } = released.members
  const bundle = signedBundle({ kind: 'emergency', sequence: 9, members }, [released])
  return { ...bundle, answers: bundle.answers.filter(({ reference }) => reference !== 'support/bare') }
}

export interface ProofCase {
  readonly name: string
  readonly bundle: () => Bundle
  readonly reference: string
  /** In the client's error. */
  readonly sentence: string
}

type Change = (bundle: Bundle, prompt: SavedPrompt) => void

function changed(
  name: string,
  prompt: keyof typeof PROMPTS,
  change: Change,
  sentence: string,
  make = signedBundle,
): ProofCase {
  const { reference } = PROMPTS[prompt]()
  const bundle = () => {
    const made = make()
    change(made, made.answers.find((one) => one.reference === reference) as SavedPrompt)
    return made
  }
  return { name, bundle, reference, sentence }
}

function resigned(
  bundle: Bundle,
  fields: Partial<SetStatement>,
  key: keyof typeof PRIVATE = 'release',
): void {
  const statement = setStatement({ sequence: 5, members: membersOf(bundle.answers), ...fields })
  bundle.proofs = [{ statement: signSet(statement, PRIVATE[key]), releases: [] }]
}

function rewritten(bundle: Bundle, edit: (statement: Record<string, unknown>) => void): void {
  const [proof] = bundle.proofs as [SetProof]
  const statement = JSON.parse(Buffer.from(proof.statement.payload, 'base64').toString())
  edit(statement)
  const payload = Buffer.from(JSON.stringify(statement)).toString('base64')
  bundle.proofs = [{ ...proof, statement: { ...proof.statement, payload } }]
}

const UNSIGNED = 'not signed by any of the given keys: it was changed, or another key signed it.'
const OTHER = 'but the signed set of source "support" has version'
const label = (prompt: keyof typeof PROMPTS) => PROMPTS[prompt]().found.version as string

export const REFUSED: readonly ProofCase[] = [
  changed(
    'a text',
    'refund',
    (_, { found }) => {
      found.text += 'Always.\n'
      found.version = null
    },
    `The file of "support/refund" is version`,
  ),
  changed(
    'a text, with its version',
    'triage',
    (_, one) => {
      one.found.text = 'You obey.\n'
      one.found.version = identityLabel(identityIn(one))
    },
    OTHER,
  ),
  changed(
    'the settings in front matter',
    'triage',
    (_, { parts }) => {
      if (parts) parts.frontMatter = '---\nmodel: large\n---\n'
    },
    `not ${label('triage')}.`,
  ),
  changed(
    'a line that moved from front matter to the text',
    'tidy',
    (_, { found, parts }) => {
      if (parts) parts.frontMatter = '---\nname: tidy\n'
      found.text = `---\n${found.text}`
    },
    'cannot be read',
  ),
  changed(
    'the description of the layout',
    'tidy',
    (_, { parts }) => {
      if (parts) parts.additions = { description: 'Obeys', tags: ['ünï', 'a'] }
    },
    `not ${label('tidy')}.`,
  ),
  changed(
    'the description of the layout that is left out',
    'tidy',
    (_, { parts }) => {
      if (parts) parts.additions = null
    },
    `not ${label('tidy')}.`,
  ),
  changed(
    'a file of a skill folder',
    'tidy',
    (_, { parts }) => {
      if (parts) parts.files = [{ path: 'style.md', bytes: 3, sha256: 'b'.repeat(64) }]
    },
    `not ${label('tidy')}.`,
  ),
  changed(
    'a sidecar',
    'greet',
    (_, { parts }) => {
      if (parts) parts.sidecars = { main: 'greet.txt', texts: { 'greet.yml': 'model: n\n' } }
    },
    `not ${label('greet')}.`,
  ),
  changed(
    'the settings of a version without a file',
    'bare',
    (_, { found }) => {
      found.config = { b: 2, a: ['x'] }
    },
    `not ${label('bare')}.`,
  ),
  changed(
    'a text that is no text',
    'refund',
    (_, { found }) => {
      found.text = [found.text] as unknown as string
    },
    'The file of "support/refund" is missing or malformed, so its version is unknown.',
  ),
  changed(
    'parts that are left out',
    'refund',
    (_, one) => {
      delete one.parts
    },
    'The file of "support/refund" is missing or malformed, so its version is unknown.',
  ),
  changed(
    'parts of another shape',
    'greet',
    (_, { parts }) => {
      if (parts) parts.sidecars = { main: 'greet.txt', texts: { 'greet.yml': 1 } }
    },
    'The file of "support/greet" is missing or malformed, so its version is unknown.',
  ),
  changed(
    'a prompt in place of another',
    'triage',
    (bundle, one) => {
      Object.assign(one, structuredClone({ ...bundle.answers[1], reference: one.reference }))
    },
    'The prompt is "support/refund", not "support/triage".',
  ),
  changed(
    'a prompt that no set has',
    'triage',
    (bundle) => {
      const { 'support/triage': _, ...members } = membersOf(bundle.answers)
      resigned(bundle, { members })
    },
    'The signed set of source "support" does not have "support/triage".',
  ),
  {
    ...changed(
      'a pin by label',
      'refund',
      (_, one) => {
        one.reference = 'support/refund@aaaaaaaaaaaa'
      },
      `The file of "support/refund" is version ${label('refund')}, but the reference pins aaaaaaaaaaaa.`,
    ),
    reference: 'support/refund@aaaaaaaaaaaa',
  },
  changed(
    'a version under the name of another',
    'refund',
    (_, { found }) => {
      found.version = label('triage')
    },
    `The file of "support/refund" is version ${label('refund')}, not ${label('triage')}.`,
  ),
  changed(
    'the statement that is left out',
    'triage',
    (bundle) => {
      bundle.proofs = []
    },
    'There is no signed statement that proves "support/triage".',
  ),
  changed(
    'a member of the statement',
    'triage',
    (bundle, one) => {
      one.found.text = 'You obey.\n'
      one.found.version = identityLabel(identityIn(one))
      rewritten(bundle, (statement) => {
        statement.subject = Object.entries(membersOf(bundle.answers)).map(([name, sha256]) => ({
          name,
          digest: { sha256 },
        }))
      })
    },
    UNSIGNED,
  ),
  changed(
    'the sequence of the statement',
    'triage',
    (bundle) => {
      rewritten(bundle, (statement) => Object.assign(statement.predicate as object, { sequence: 99 }))
    },
    UNSIGNED,
  ),
  changed(
    'the signature',
    'triage',
    (bundle) => {
      const [proof] = bundle.proofs as [SetProof]
      const signatures = [{ sig: Buffer.alloc(64, 1).toString('base64') }]
      bundle.proofs = [{ ...proof, statement: { ...proof.statement, signatures } }]
    },
    UNSIGNED,
  ),
  changed(
    'the signature that is left out',
    'triage',
    (bundle) => {
      const [proof] = bundle.proofs as [SetProof]
      bundle.proofs = [{ ...proof, statement: { ...proof.statement, signatures: [] } }]
    },
    'The statement of a set cannot be read: it has no signature.',
  ),
  changed('a signature of a strange key', 'triage', (bundle) => resigned(bundle, {}, 'p256'), UNSIGNED),
  changed(
    'a release that the emergency key signed',
    'triage',
    (bundle) => resigned(bundle, {}, 'emergency'),
    'is of kind release, but no release key signed it.',
  ),
  changed(
    'an emergency that the release key signed',
    'triage',
    (bundle) => resigned(bundle, { kind: 'emergency' }),
    'is of kind emergency, but no emergency key signed it.',
  ),
  changed(
    'a proof that is none',
    'triage',
    (bundle) => {
      bundle.proofs = [{} as SetProof]
    },
    'The proof of a set is malformed',
  ),
  changed(
    'a newer set beside it',
    'triage',
    (bundle) => {
      bundle.proofs.push(proofOf({ sequence: 6, members: { 'support/triage': 'c'.repeat(64) } }))
    },
    `, which only an older set has, ${OTHER} cccccccccccc.`,
  ),
  changed(
    'a newer set without the prompt beside it',
    'triage',
    (bundle) => {
      bundle.proofs.unshift(proofOf({ sequence: 6, members: {} }))
    },
    'Only an older set than the current one has "support/triage", so it is not served any more.',
  ),
  changed(
    'an emergency set with a version that no release had',
    'triage',
    (bundle) => {
      const members = { 'support/triage': identityIn(PROMPTS.triage()) }
      bundle.proofs = [proofOf({ kind: 'emergency', sequence: 9, members }, [setStatement({ sequence: 5 })])]
    },
    `The emergency set of source "support" has version ${label('triage')} of "support/triage", which no signed release of this source had before.`,
  ),
  changed(
    'the releases of an emergency set that are left out',
    'triage',
    (bundle) => {
      bundle.proofs = bundle.proofs.map(({ statement }) => ({ statement, releases: [] }))
    },
    'which no signed release of this source had before.',
    emergencyBundle,
  ),
]
