import { expect } from 'vitest'
import type { PassReport } from '../../controller/state/pass-report.ts'
import type { TestController } from './controller.ts'
import { EVIDENCE_CASES, JUDGED_AT, type Version } from './evidence-cases.ts'
import { attach, latestVersion, promptFile, promptPath } from './evidence-world.ts'
import { type Journey, served, startJourney, versionsOf } from './planned-journey.ts'

export const NAMED_CASES = EVIDENCE_CASES.map((one, index) => ({ ...one, id: `case-${index}` }))

/** Brings evidence about a version to where a pass finds it. */
export type Carry = (journey: Journey, version: Version, file: Uint8Array | null) => Promise<void>

const toGit: Carry = ({ repository }, version, file) => attach(repository, version, file)

/** A registry that serves the old version of a prompt for each case, and a release with a new one. */
export async function releasedCases(carry = toGit): Promise<Journey & { readonly commit: string }> {
  const journey = await startJourney()
  const { repository, controller, clock } = journey
  clock.now = JUDGED_AT
  const files = (content: string) =>
    Object.fromEntries(NAMED_CASES.map(({ id }) => [promptPath(id), promptFile(`${content} ${id}`)]))
  await repository.commit(files('old'))
  await repository.tag('v1.0.0')
  await controller.sync()
  const commit = await repository.commit(files('new'))
  await controller.sync()
  for (const { id, files: filesOf } of NAMED_CASES) {
    const version = await latestVersion(controller.api, id)
    for (const file of filesOf(version)) await carry(journey, version, file)
  }
  await repository.tag('v1.1.0')
  return { ...journey, commit }
}

export const REQUIRE = NAMED_CASES.flatMap(({ id, require }) =>
  require.map((one) => ({ ...one, prompts: [id] })),
)

/** What became of the release of each prompt. */
export async function outcomes(controller: TestController, { findings }: PassReport) {
  return await Promise.all(
    NAMED_CASES.map(async ({ id, name }) => {
      const about = findings.filter(({ subject }) => subject.name === id)
      const [version] = (await versionsOf(controller, id)).filter(({ aliases }) => aliases.includes('1.1.0'))
      return {
        name,
        ...{ text: await served(controller, id), status: version?.status },
        codes: about.map(({ code }) => code),
        message: about[0]?.message ?? '',
      }
    }),
  )
}

/** What must become of it. */
export function expected({ name, id, problem, warns }: (typeof NAMED_CASES)[number]) {
  const isPromoted = problem === null || warns === true
  return {
    name,
    text: `${isPromoted ? 'new' : 'old'} ${id}\n`,
    status: isPromoted ? 'stable' : 'draft',
    codes: isPromoted ? [] : ['waiting_for_evidence'],
    message: isPromoted ? '' : expect.stringMatching(problem),
  }
}
