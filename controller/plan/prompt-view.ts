import type { PromptInput } from '../../api/contract/reading/inputs.ts'
import type { FoundVersion, LookedUpPrompt, PromptRow } from '../../api/contract/registry-api.ts'
import type { ReleaseLine, SourceHoldLine } from '../../api/contract/release-line.ts'
import { versionNameKey } from '../../api/contract/version-name.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import type { DesiredRelease } from './plan-input.ts'

/** A version in the registry. */
export type KnownVersion = Pick<FoundVersion, 'version' | 'identity' | 'status' | 'waiting' | 'reading'>

/** A prompt in the registry, after the changes planned so far. */
export class PromptView {
  /** `null` if the registry does not have the prompt. */
  readonly row: PromptRow | null
  /** The inputs that the stable version declares. */
  readonly stableInputs: readonly PromptInput[]
  /** Whether the registry refuses releases that break callers in a smaller step than major. */
  readonly enforcesInputs: boolean
  readonly #sourceHold: SourceHoldLine | null
  readonly #names = new Map<string, KnownVersion>()
  readonly #versions = new Map<string, KnownVersion>()
  readonly #revoked: ReadonlySet<string>

  constructor(found: LookedUpPrompt | undefined, sourceHold: SourceHoldLine | null = null) {
    this.#sourceHold = sourceHold
    this.row = found?.prompt ?? null
    // Absent in the answers of older registries.
    this.stableInputs = (found?.stable_inputs ?? []) as readonly PromptInput[]
    this.enforcesInputs = found?.enforces_inputs ?? false
    this.#revoked = new Set(found?.revoked_contents)
    for (const [name, version] of Object.entries(found?.names ?? {}))
      this.#names.set(versionNameKey(name), version)
    for (const version of found?.versions ?? []) this.#versions.set(version.identity, version)
  }

  /** Whether readers and lists see the prompt. */
  get isThere(): boolean {
    return this.row !== null && !this.row.deleted
  }

  get line(): ReleaseLine {
    const { hold = null, highest_release = null, highest_identity = null, rolled_back = [] } = this.row ?? {}
    return {
      hold,
      highest:
        highest_release === null ? null : { release: highest_release, identity: highest_identity ?? '' },
      rolledBack: rolled_back.map(({ payload_sha256 }) => payload_sha256),
      sourceHold: this.#sourceHold,
    }
  }

  named(name: string): KnownVersion | undefined {
    const named = this.#names.get(versionNameKey(name))
    return named === undefined ? undefined : (this.#versions.get(named.identity) ?? named)
  }

  version(identity: string): KnownVersion | undefined {
    return this.#versions.get(identity)
  }

  /** The label of an existing or planned version; otherwise the one that it will get. */
  nameOf({ identity, version }: DesiredVersion): string {
    return this.#versions.get(identity)?.version ?? version
  }

  isRevoked({ identity, contentSha256 }: DesiredVersion): boolean {
    return this.#versions.get(identity)?.status === 'revoked' || this.#revoked.has(contentSha256)
  }

  /** The other version that already has this version's label. */
  takenBy({ identity, version }: DesiredVersion): KnownVersion | undefined {
    if (this.#versions.has(identity)) return undefined
    const taken = this.named(version)
    return taken === undefined || taken.identity === identity ? undefined : taken
  }

  addVersion({ identity, version }: DesiredVersion): void {
    const added = { version, identity, status: 'draft' as const, waiting: [], reading: null }
    this.#versions.set(identity, added)
    this.#names.set(versionNameKey(version), added)
  }

  /** A released version is no longer a draft. */
  addRelease({ release, identity }: Pick<DesiredRelease, 'release' | 'identity'>): void {
    const version = this.#versions.get(identity)
    if (version?.status === 'draft') this.#versions.set(identity, { ...version, status: 'deprecated' })
    this.addName(release, { identity })
  }

  addName(name: string, { identity }: Pick<DesiredVersion, 'identity'>): void {
    const version = this.#versions.get(identity)
    if (version !== undefined) this.#names.set(versionNameKey(name), version)
  }
}
