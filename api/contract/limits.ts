const KIB = 1024
const MIB = 1024 * KIB

/** What a request may carry at most. Byte figures count UTF-8. */
export const LIMITS = {
  promptIdCharacters: 200,
  promptIdSegments: 8,
  labelCharacters: 128,
  contentBytes: 256 * KIB,
  bodyBytes: 2 * MIB,
  /** Each of `config` and `variables`, as JSON. */
  configBytes: 16 * KIB,
  jsonDepth: 64,
  descriptionBytes: 2 * KIB,
  tags: 50,
  tagCharacters: 128,
  page: 1000,
  defaultPage: 100,
  batch: 100,
  references: 100,
  /** Sum of the contents in one answer of `POST /resolve`. */
  resolvedBytes: 5 * MIB,
  /** Newest aliases that a version carries in answers. */
  recentAliases: 20,
  sourceStateBytes: 256 * KIB,
} as const
