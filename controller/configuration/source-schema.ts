import { z } from 'zod'
import { PromotesFromSchema } from '../evidence/promotes-from.ts'
import { RequirementSchema } from '../evidence/requirement.ts'
import { DEFAULT_INCLUDE, idPrefixProblem, layoutFields } from '../prompts/layout-fields.ts'
import { checked, name, variable } from '../values/fields.ts'
import { durationProblem, windowProblem } from '../values/freeze.ts'
import { globProblem } from '../values/glob.ts'
import { patternProblem } from '../values/release-patterns.ts'
import { scheduleProblem } from '../values/schedule.ts'
import { WEBHOOK_HOST_NAMES } from '../values/webhook-host-names.ts'
import { VerifySchema } from '../verification/settings.ts'

const FreezeSchema = z
  .strictObject({
    cron: z.string().min(1).describe('Cron expression for the start of the window, such as "0 18 * * 5".'),
    timeZone: z.string().min(1).default('UTC').describe('IANA time zone, such as Europe/Berlin.'),
    duration: checked(durationProblem).describe('Length of the window, such as 90m, 60h or 3d.'),
  })
  .superRefine((window, context) => {
    const message = windowProblem(window)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

const MassChangeSchema = z.strictObject({
  share: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("Share of the source's prompts that makes a mass change."),
  least: z.int().min(1).default(10).describe('Fewer prompts than this are never a mass change.'),
})

const PasswordSchema = z.strictObject({
  username: z.string().optional(),
  passwordEnv: variable.describe('Environment variable with the password or access token.'),
})

const GitHubAppSchema = z.strictObject({
  appId: z.union([z.int().min(1), z.string().regex(/^[\w.]+$/, 'must be the ID of a GitHub App')]),
  privateKeyEnv: variable.describe("Environment variable with the App's private key, as PEM."),
  installationId: z.int().min(1).optional().describe('Default: looked up from the repository.'),
})

const ReportsSchema = z.strictObject({
  statuses: z.boolean().default(false).describe('Set a commit status on commits and release tags.'),
  pullRequests: z
    .boolean()
    .default(false)
    .describe('Comment on each open pull request with the changes that it would cause.'),
  forks: z
    .boolean()
    .default(false)
    .describe('Comment on pull requests from forks too, which anyone can open.'),
  environment: name
    .optional()
    .describe('Name of this registry, if several report on one repository; such as staging.'),
  targetUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Link target of a commit status.'),
  credentials: z
    .union([PasswordSchema, GitHubAppSchema])
    .optional()
    .describe("A GitHub token or App. Default: the source's credentials."),
})

/** A source in `promptctl.yaml`. */
export const SourceSchema = z.strictObject({
  name,
  repository: z.string().min(1).describe('URL or local path.'),
  type: z
    .enum(['git', 'github'])
    .optional()
    .describe(
      'How to read the repository. Default: github if apiUrl or a GitHub App is set, or for github.com on Lambda; otherwise git.',
    ),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('REST API of a GitHub Enterprise server, if not at its default address.'),
  branch: z.string().min(1).optional().describe("Branch to track. Default: the remote's default branch."),
  directories: layoutFields.directories.default(['prompts']),
  include: layoutFields.include.default([...DEFAULT_INCLUDE]),
  exclude: layoutFields.exclude.default(['**/README.md']),
  repositoryLayout: z
    .boolean()
    .default(true)
    .describe('Let the repository refine its layout in its own .promptctl.yaml.'),
  allowUnsafeText: z
    .array(checked(globProblem))
    .default([])
    .describe(
      'Globs of files, from the root, that may contain credentials, private keys or hidden characters.',
    ),
  idPrefix: checked(idPrefixProblem).default('').describe('Prefix of every prompt id.'),
  schedule: checked(scheduleProblem)
    .default('1m')
    .describe('How often to check the repository: an interval, or a cron expression in UTC.'),
  releases: z
    .array(checked(patternProblem))
    .min(1)
    .default(['v{version}', '{id}@{version}', '{id}/v{version}'])
    .describe('Patterns of release tags. The first that matches wins.'),
  prereleases: z.boolean().default(false).describe('Promote pre-releases like releases.'),
  releaseBranches: z
    .array(checked(globProblem))
    .default([])
    .describe('Globs of other branches that may hold release tags, such as release/*.'),
  requireReachable: z
    .boolean()
    .default(true)
    .describe('Count a tag only if its commit is on the branch or on one of releaseBranches.'),
  verify: VerifySchema.optional().describe(
    'Whose signature a release tag needs. Default: unsigned tags count.',
  ),
  require: z
    .array(RequirementSchema)
    .default([])
    .describe('Evidence that releases need before they are promoted, besides the top-level requirements.'),
  promotesFrom: PromotesFromSchema.optional().describe(
    'Where a release must have served before it is promoted. Default: the top-level setting.',
  ),
  backfill: z
    .int()
    .min(0)
    .max(10_000)
    .default(20)
    .describe('How many older releases of each prompt the first sync imports.'),
  prune: z
    .boolean()
    .default(false)
    .describe('Retire prompts that are missing from both the branch and the newest release.'),
  drift: z
    .enum(['report', 'heal'])
    .default('report')
    .describe(
      "How a full pass handles a stable or latest version set by hand: report it, or restore git's version.",
    ),
  maxFiles: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(20_000)
    .describe('Maximum number of files in all directories of the layout.'),
  suspended: z.boolean().default(false).describe('Skip this source.'),
  freeze: z.array(FreezeSchema).default([]).describe('Windows in which nothing is promoted.'),
  massChange: z
    .union([MassChangeSchema, z.literal(false)])
    .prefault({})
    .describe('Hold a pass that changes this much at once until it is confirmed. false: never hold.'),
  /** Credentials for a private repository. */
  credentials: z.union([PasswordSchema, GitHubAppSchema]).optional(),
  reports: ReportsSchema.optional().describe("Report this source's passes on GitHub."),
  /** Accepts webhook deliveries at `/webhooks/{name}`, each of which starts a pass at once. */
  webhook: z
    .strictObject({
      /** The host that sends them. Default: derived from the repository's address. */
      host: z.enum(WEBHOOK_HOST_NAMES).optional(),
      secretEnv: variable,
      /** A second accepted secret, for rotation. The variable may be unset. */
      nextSecretEnv: variable.optional(),
    })
    .optional(),
})

export type SourceConfig = z.output<typeof SourceSchema>
