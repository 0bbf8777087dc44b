import { z } from 'zod'
import { promptIdProblem } from '../../api/contract/prompt-id.ts'
import { durationProblem, windowProblem } from '../plan/freeze.ts'
import { patternProblem } from '../releases/release-patterns.ts'
import { scheduleProblem } from '../trigger/schedule.ts'
import { WEBHOOK_HOST_NAMES } from '../trigger/webhook/hosts.ts'
import { VerifySchema } from '../verification/settings.ts'
import { checked, layoutFields, name, variable } from './fields.ts'

const FreezeSchema = z
  .strictObject({
    cron: z.string().min(1).describe('When the window begins, such as "0 18 * * 5".'),
    timeZone: z.string().min(1).default('UTC').describe('Such as Europe/Berlin.'),
    duration: checked(durationProblem).describe('Such as 90m, 60h or 3d.'),
  })
  .superRefine((window, context) => {
    const message = windowProblem(window)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

const MassChangeSchema = z.strictObject({
  share: z.number().gt(0).max(1).default(0.5).describe("Of the source's prompts."),
  least: z.int().min(1).default(10).describe('Fewer prompts than this are never a mass.'),
})

const PasswordSchema = z.strictObject({
  username: z.string().optional(),
  passwordEnv: variable.describe('The variable with the password, or with a token of the host.'),
})

const GitHubAppSchema = z.strictObject({
  appId: z.union([z.int().min(1), z.string().regex(/^[\w.]+$/, 'must be the id of a GitHub App')]),
  privateKeyEnv: variable.describe("The variable with the App's private key, as PEM."),
  installationId: z.int().min(1).optional().describe('Absent: looked up for the repository.'),
})

const ReportsSchema = z.strictObject({
  statuses: z.boolean().default(false).describe('Whether commits and release tags get a commit status.'),
  pullRequests: z
    .boolean()
    .default(false)
    .describe('Whether a comment on each open pull request says what it would change.'),
  forks: z
    .boolean()
    .default(false)
    .describe('Whether pull requests of forks get one too, which anybody may open.'),
  environment: name
    .optional()
    .describe('Tells registries apart that report on one repository, such as staging.'),
  targetUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where a commit status leads.'),
  credentials: z
    .union([PasswordSchema, GitHubAppSchema])
    .optional()
    .describe('A token of GitHub or an App; absent: those of the source.'),
})

/** A source as `promptctl.yaml` has it. */
export const SourceSchema = z.strictObject({
  name,
  repository: z.string().min(1).describe('A URL, or a local path.'),
  type: z
    .enum(['git', 'github'])
    .optional()
    .describe(
      "How it is read: by git, or by GitHub's interface. Absent: by the interface where only that can be, which is so for github.com inside Lambda, else by git.",
    ),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The REST interface of a GitHub Enterprise server, where its address does not tell it.'),
  branch: z.string().min(1).optional().describe("Absent: the remote's default branch."),
  directories: layoutFields.directories.default(['prompts']),
  include: layoutFields.include.default(['**/*.txt', '**/*.md']),
  exclude: layoutFields.exclude.default(['**/README.md']),
  repositoryLayout: z
    .boolean()
    .default(true)
    .describe('Whether the repository may refine its layout in its own .promptctl.yaml.'),
  idPrefix: checked(prefixProblem).default('').describe('What every prompt id begins with.'),
  schedule: checked(scheduleProblem)
    .default('1m')
    .describe('How often the repository is looked at: an interval, or a cron expression in UTC.'),
  releases: z
    .array(checked(patternProblem))
    .min(1)
    .default(['v{version}', '{id}@{version}', '{id}/v{version}'])
    .describe('Which tags are releases; the first pattern that parses wins.'),
  prereleases: z.boolean().default(false).describe('Whether pre-releases are promoted like releases.'),
  requireReachable: z
    .boolean()
    .default(true)
    .describe('Whether a tag counts only when its commit is on the branch.'),
  verify: VerifySchema.optional().describe('Whose signature a release tag needs; absent: none.'),
  backfill: z
    .int()
    .min(0)
    .max(10_000)
    .default(20)
    .describe('How many older releases of a prompt the first sync brings in.'),
  prune: z
    .boolean()
    .default(false)
    .describe('Whether a prompt that the branch and the newest release have no more goes out of service.'),
  suspended: z.boolean().default(false).describe('Passes only tell that they do nothing.'),
  freeze: z.array(FreezeSchema).default([]).describe('Times in which nothing is promoted.'),
  massChange: z
    .union([MassChangeSchema, z.literal(false)])
    .prefault({})
    .describe('When a pass would change so much at once that it waits for a person; false: never.'),
  /** Where the credentials for the repository are, if it needs any. */
  credentials: z.union([PasswordSchema, GitHubAppSchema]).optional(),
  reports: ReportsSchema.optional().describe('What is told on GitHub of passes over this source.'),
  /** Deliveries at `/webhooks/{name}` make the source's repository be looked at again at once. */
  webhook: z
    .strictObject({
      /** Who sends them; absent: whom the repository's address speaks of. */
      host: z.enum(WEBHOOK_HOST_NAMES).optional(),
      secretEnv: variable,
      /** The next secret, while it is being changed; not set at other times. */
      nextSecretEnv: variable.optional(),
    })
    .optional(),
})

export type SourceConfig = z.output<typeof SourceSchema>

function prefixProblem(prefix: string): string | undefined {
  const problem = prefix === '' ? undefined : promptIdProblem(`${prefix}x`)
  return problem === undefined ? undefined : `"${prefix}" cannot begin a prompt id. ${problem}`
}
