import type { StatementSigner } from '../../api/contract/attestation/signer.ts'
import { signSetWith } from '../../api/contract/proof/set-statement.ts'
import type { SetProof } from '../../api/contract/proof/verify-set.ts'
import type { MoveSetRequest } from '../../api/contract/registry-api.ts'
import { canonicalJson, sha256 } from '../../api/contract/version.ts'
import { allPages } from '../../client/pages.ts'
import { eachChange } from '../plan/changes.ts'
import type { Plan } from '../plan/plan.ts'
import { callOptions, type LeasedPass } from './pass-input.ts'

/**
 * Signs the set that the registry would move to now. `undefined` if that set is signed already. The registry compares
 * the statement with its prompts, and refuses it if they changed meanwhile.
 */
export async function signNextSet(
  pass: LeasedPass,
  plan: Plan,
  request: MoveSetRequest,
  signer: StatementSigner,
): Promise<SetProof | undefined> {
  const { api, source, signal, now } = pass
  const next = await api.moveSet(source.name, { ...request, dry_run: true }, callOptions(signal))
  if (!next.changed && next.signed) return undefined
  const statement = await signSetWith(
    {
      kind: 'release',
      source: source.name,
      members: await servedMembers(pass),
      sequence: Math.max(next.sequence + 1, now()),
      release: releaseOf(pass, plan),
      evidence: evidenceOf(plan),
      policy: policyOf(source.require),
    },
    signer,
  )
  return { statement, releases: [] }
}

const PAGE = 1000

async function servedMembers({ api, source, signal }: LeasedPass): Promise<Record<string, string>> {
  const rows = allPages(
    (page) => api.list({ source: source.name, limit: PAGE, ...page }, callOptions(signal)),
    ({ prompts }) => prompts,
  )
  const members: [string, string][] = []
  for await (const { prompt_id: id, stable, stable_identity: identity } of rows)
    if (stable !== null && identity !== null) members.push([id, identity])
  return Object.fromEntries(members)
}

/** The envelopes of the evidence that this pass's promotions have. */
function evidenceOf(plan: Plan): readonly string[] {
  const found = new Set<string>()
  for (const change of eachChange(plan)) {
    const met = change.do === 'promote' ? change.evidence : []
    for (const { sha256 } of met) if (sha256 != null) found.add(sha256)
  }
  return [...found].sort()
}

/** The SHA-256 of the canonical JSON of the requirements of the source. */
function policyOf(require: LeasedPass['source']['require']): string | null {
  return require.length === 0 ? null : sha256(canonicalJson(JSON.parse(JSON.stringify(require))))
}

function releaseOf({ repository }: LeasedPass, { set, tags }: Plan) {
  const tag = set?.release?.tag
  if (tag === undefined) return null
  const { commit = null, object = null, signer = null } = tags.get(tag) ?? {}
  return { tag, repository, commit, tagObject: object, signer }
}
