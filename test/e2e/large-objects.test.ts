import { describe, expect, it } from 'vitest'
import type { TestRepository } from '../support/git-repository.ts'
import { expectSettled, findingsOf, served, startJourney } from '../support/planned-journey.ts'

const P = 'prompts/p.txt'
const MIB = 1024 * 1024
const SIGNER =
  'ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g'
const SIGNATURE = `-----BEGIN SSH SIGNATURE-----\n${'U1NIU0lH'.repeat(MIB / 4)}\n-----END SSH SIGNATURE-----\n`

/** An annotated tag at the tip, with this message. */
async function writeTag({ git, gitWith }: TestRepository, name: string, message: string): Promise<void> {
  const headers = `object ${await git('rev-parse', 'HEAD')}\ntype commit\ntag ${name}\ntagger Cleo <c@example.com> 1770000000 +0000\n\n`
  const oid = await gitWith(headers + message, 'hash-object', '-t', 'tag', '-w', '--literally', '--stdin')
  await git('update-ref', `refs/tags/${name}`, oid)
}

describe('a tag object of more than 1 MiB', () => {
  it('releases like any other and keeps none out; its events do not name the tagger', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [P]: 'one' })
    await repository.tag('v1.0.0', { annotated: true })
    await repository.commit({ [P]: 'two' })
    await writeTag(repository, 'v1.1.0', 'x'.repeat(MIB))
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['tag_too_large v1.1.0'])
    expect(report.result).toBe('synced')
    expect([await served(controller, 'p'), await served(controller, 'p@1.0.0')]).toEqual(['two', 'one'])
    await expectSettled(controller)
    await repository.deleteTag('v1.1.0')
    expect(findingsOf(await controller.sync())).toEqual(['tag_deleted v1.1.0'])
  })

  it('is not verified, and everything else goes on, if signatures are required', async () => {
    const { controller, repository } = await startJourney({
      verify: { tags: 'require', allowedSigners: SIGNER },
    })
    await repository.commit({ [P]: 'one' })
    await writeTag(repository, 'v1.0.0', `m\n${SIGNATURE}`)
    await repository.tag('v0.9.0', { annotated: true })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['release_unverified v0.9.0', 'release_unverified v1.0.0'])
    expect(report.findings[0]?.message).toContain('its tag object has more than 1 MiB')
    expect(await served(controller, 'p', 'dev')).toBe('one')
    await expectSettled(controller)
  })
})
