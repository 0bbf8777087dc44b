const KIB = 1024
const MIB = 1024 * KIB

/** The upper limits of a request. Byte limits count UTF-8. */
export const LIMITS = {
  promptIdCharacters: 200,
  promptIdBytes: 512,
  promptIdSegments: 16,
  /** Leaves room for a pin and `.txt` in a file name, which most systems limit to 255 bytes. */
  promptIdSegmentBytes: 120,
  labelCharacters: 128,
  contentBytes: 256 * KIB,
  /** Front matter of a prompt file, including its `---` lines. */
  frontMatterBytes: 40 * KIB,
  /** A prompt file that is YAML, JSON or TOML as a whole. */
  documentBytes: 64 * KIB,
  /** A whole prompt file: front matter and content. */
  fileBytes: (40 + 256) * KIB,
  /** Files beside a prompt file that belong to it, each up to `configBytes`. */
  sidecars: 4,
  /** Files of a skill folder, besides the prompt file. */
  folderFiles: 500,
  /** All files of a skill folder together, besides the prompt file. */
  folderBytes: MIB,
  folderPathBytes: 512,
  /** Keys of a file of which each is a prompt. */
  splitKeys: 500,
  bodyBytes: 2 * MIB,
  /** `config` and `variables`, each as JSON. */
  configBytes: 16 * KIB,
  jsonDepth: 64,
  descriptionBytes: 2 * KIB,
  tags: 50,
  tagCharacters: 128,
  page: 1000,
  defaultPage: 100,
  batch: 100,
  references: 100,
  /** Names, identities or contents per prompt in one lookup. */
  lookupKeys: 500,
  /** Keys of all prompts in one lookup, because each request must be answered quickly. */
  lookupKeysInAll: 4000,
  /** Waiting releases kept per version: the lowest, which decides whether it counts, and the highest ones. */
  waitingReleases: 20,
  /** Rolled-back versions that a prompt remembers. */
  rolledBack: 10,
  /** Total content in one response of `POST /resolve`. */
  resolvedBytes: 5 * MIB,
  /** The newest aliases that responses include for a version. */
  recentAliases: 20,
  /** Revoked identities in the pointer of a source. */
  recentRevocations: 50,
  sourceStateBytes: 256 * KIB,
  /** A file with an envelope. */
  evidenceBytes: 64 * KIB,
  /** The newest statements about one version that a promotion considers, and the most in one response. */
  evidence: 32,
  findingSubject: 1024,
  findingMessage: 2000,
} as const
