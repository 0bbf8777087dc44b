import { z } from 'zod'
import { TEST_RESULT } from '../../api/contract/attestation/statement.ts'
import { verificationKey } from '../../api/contract/keys/verification-key.ts'
import { parseDuration } from '../values/duration.ts'
import { checked } from '../values/fields.ts'
import { globProblem } from '../values/glob.ts'

const MOST_EVIDENCE_NAME = 100

const AttesterSchema = z.union([
  checked(keyProblem).describe('Public key: a line such as "ssh-ed25519 AAAA…", or PEM.'),
  z.strictObject({
    app: z.int().min(1).describe('ID of a GitHub App whose check runs count. Only with type: github.'),
  }),
])

/** Evidence that a release needs before it is promoted. Only the platform sets it. A repository cannot. */
export const RequirementSchema = z.strictObject({
  evidence: z
    .string()
    .min(1)
    .max(MOST_EVIDENCE_NAME)
    .describe("Name of the evidence: in a statement's configuration, or of a check run."),
  prompts: z
    .array(checked(globProblem))
    .min(1)
    .default(['**'])
    .describe('Globs of prompt ids whose releases need it. Default: all.'),
  from: z.array(AttesterSchema).min(1).describe('Who may give it. One of them is enough.'),
  predicate: z.url().default(TEST_RESULT).describe('Predicate type of the statement.'),
  result: z
    .string()
    .min(1)
    .max(100)
    .default('PASSED')
    .describe('Required result. A check run that succeeded is PASSED, a neutral one WARNED.'),
  maxAge: checked(ageProblem)
    .optional()
    .describe('Maximum age at the time of the promotion, such as 30d. Default: no limit.'),
  ignore: z
    .array(z.enum(['description', 'tags']))
    .default([])
    .describe('Fields that may differ from the version that the evidence is about.'),
  mode: z
    .enum(['require', 'warn'])
    .default('require')
    .describe('Releases without the evidence: require makes them wait, warn only reports them.'),
})

export type Requirement = z.output<typeof RequirementSchema>

function keyProblem(text: string): string | undefined {
  try {
    verificationKey(text)
    return undefined
  } catch (error) {
    return `is not a usable public key: ${(error as Error).message}`
  }
}

function ageProblem(text: string): string | undefined {
  const age = parseDuration(text)
  return age === undefined || age === 0 ? `"${text}" is not a duration such as 12h or 30d` : undefined
}
