import { readFile } from 'node:fs/promises'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bundleOf, codeOf } from '../../support/lambda/bundles.ts'
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts'
import { readZip } from '../../support/lambda/unzip.ts'

describe.each([
  ['controller', 2_100_000],
  ['webhooks', 1_100_000],
] as const)('the bundle %s', (name, most) => {
  test('is one zip within its size limit, without paths of the build machine', async () => {
    const { file, zip, bytes } = await bundleOf(name)
    const names = [...readZip(await readFile(zip)).keys()]
    expect(names).toEqual(expect.arrayContaining(['index.mjs', 'THIRD-PARTY-NOTICES.txt']))
    expect(bytes).toBeLessThan(most)
    const text = (await codeOf(file)).join()
    expect(text).not.toContain(process.cwd())
    expect(text).not.toContain('node_modules')
  })

  test('has the licence of each of its packages', async () => {
    const { zip } = await bundleOf(name)
    const notices = String(readZip(await readFile(zip)).get('THIRD-PARTY-NOTICES.txt'))
    const [, ...packages] = notices.split(`${'-'.repeat(80)}\n`)
    expect(packages.length).toBeGreaterThan(20)
    // MIT-0 asks for no notice, and its packages have none.
    const bare = packages.filter((one) => !/MIT-0/.test(one) && one.trim().split('\n').length < 10)
    expect(bare).toEqual([])
    const verifier = packages.find((one) => one.startsWith('openpgp ')) ?? ''
    expect(verifier.includes('GNU LESSER GENERAL PUBLIC LICENSE')).toBe(name === 'controller')
  })

  test('reports a missing variable to the caller and in the log', async () => {
    const { zip } = await bundleOf(name)
    const endpoint = await startLambdaEndpoint({ functions: { it: { zip, env: { SOURCES_BUCKET: 'b' } } } })
    onTestFinished(endpoint.close)
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const client = new LambdaClient({ endpoint: endpoint.url, region: 'eu-west-1', credentials })
    const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName: 'it' }))
    expect(FunctionError).toBeDefined()
    expect(JSON.parse(Buffer.from(Payload ?? '').toString())).toMatchObject({
      errorType: 'ConfigError',
      errorMessage: expect.stringContaining('The variable SOURCES_KEY is not set'),
    })
  })
})

test('the bundle for webhooks has no code that reads repositories', async () => {
  const [controller, webhooks] = await Promise.all(
    (['controller', 'webhooks'] as const).map(async (name) =>
      (await codeOf((await bundleOf(name)).file)).join(),
    ),
  )
  for (const words of ['matching-refs', 'negotiationAlgorithm', 'The registry returned no lease']) {
    const has = { controller: controller?.includes(words), webhooks: webhooks?.includes(words) }
    expect({ words, ...has }).toEqual({ words, controller: true, webhooks: false })
  }
})
