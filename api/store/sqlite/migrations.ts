import {
  EVIDENCE,
  FILES,
  PROMPTS_BY_STATUS,
  PROOFS,
  READS,
  SETS,
  SETTLING_SOURCES,
  VERSIONS_BY_IDENTITY,
} from './schema.ts'

/** The schema of the first release. Databases of earlier previews have lower numbers. */
export const FIRST_SCHEMA = 3

/** The migration from each schema to the next, starting at `FIRST_SCHEMA`. A new database starts with `SCHEMA`. */
export const MIGRATIONS: readonly string[] = [
  `
ALTER TABLE prompts ADD COLUMN latest_status TEXT;
UPDATE prompts SET latest_status =
  (SELECT status FROM versions WHERE prompt = prompts.id_key AND label = prompts.latest);
${PROMPTS_BY_STATUS}
`,
  'ALTER TABLE versions ADD COLUMN template_language TEXT',
  'ALTER TABLE versions ADD COLUMN sidecars TEXT',
  'ALTER TABLE prompts ADD COLUMN moved_to TEXT',
  'ALTER TABLE versions ADD COLUMN text_lost TEXT',
  `
ALTER TABLE versions ADD COLUMN manifest TEXT;
${FILES}
`,
  `
DROP INDEX versions_by_identity;
${VERSIONS_BY_IDENTITY}
`,
  SETS,
  PROOFS,
  EVIDENCE,
  READS,
  SETTLING_SOURCES,
]
