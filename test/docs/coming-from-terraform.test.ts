import { afterEach, expect, test, vi } from 'vitest'
import { createApp } from '../../api/http/app.ts'
import { listen } from '../../api/http/node.ts'
import { makeCli } from '../controller/cli/cli-under-test.ts'
import { describeOnAws, moto } from '../support/aws/moto.ts'
import { awsRegistry, seed } from '../support/aws/registry.ts'
import { type AwsWorld, makeWorld } from '../support/aws/world.ts'
import { patternOf, perform, stepsOf } from '../support/transcript.ts'

const PAGE = 'docs/coming-from-terraform.md'

afterEach(() => {
  vi.unstubAllEnvs()
})

describeOnAws(PAGE, () => {
  test('leads from seeded rows to a release from git, with the commands that it shows', async () => {
    const steps = await stepsOf(PAGE)
    expect(steps.length).toBeGreaterThan(12)
    const world = await makeWorld()
    await useCredentials()
    await seed(world, 'support/triage', { version: '1.0.0', text: 'You sort messages.\n' })
    await seed(world, 'support/refund', { version: '1.0.0', text: 'You handle refunds.\n' })
    const server = await serve(world)
    const env = { PROMPT_REGISTRY_URL: server.url }
    const { folder, run } = await makeCli()
    const cli = { folder, run: (args: readonly string[], options = {}) => run(args, { ...options, env }) }
    for (const { command, shown } of steps) {
      const here = command
        .replace('acme-dev-prompts ', `${world.table} `)
        .replace(/acme-dev-prompts-\d+/, world.bucket)
      expect(await perform(cli, here), command).toMatch(patternOf(shown))
    }
    await server.close()
    await world.close()
  })
})

/** For `adopt`, which finds its credentials like any AWS tool. */
async function useCredentials(): Promise<void> {
  const { port } = await moto()
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
}

/** The registry on the platform's table, as an operator reaches it. */
async function serve(world: AwsWorld) {
  const { admin } = awsRegistry(world)
  const app = createApp({
    registry: { as: () => admin },
    auth: () => ({ actor: 'operator', access: 'admin', sources: 'any' }),
    log: { error: () => {} },
    newRequestId: () => 'request',
  })
  return await listen(app, { host: '127.0.0.1', port: 0 })
}
