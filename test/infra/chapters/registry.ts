import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, vi } from 'vitest'
import { PromptRegistryClient } from '../../../client/index.ts'
import { registryBundle } from '../../support/lambda/bundles.ts'
import { chapter } from '../support/chapter.ts'
import { clientsOf } from '../support/clients.ts'
import { type ExampleWorld, README } from '../support/example-world.ts'
import { appliedFunction, deploy, PLACEHOLDER, REGION, sha256 } from '../support/platform.ts'
import { missingIn, readPolicy, unusedIn } from '../support/policy.ts'
import { blocksBelow } from '../support/readme.ts'
import { ACCOUNT, type NeededPermission } from '../support/recorder.ts'
import { ROOT } from '../support/terraform.ts'

const ROLES = ['writer', 'reader'] as const
type Role = (typeof ROLES)[number]

const MODES = ['simulation', 'dev', 'staging', 'production'] as const
const SEES_DRAFTS: readonly string[] = ['simulation', 'dev']
const ADOPTED = { adopted: 2, refused: 0, complete: true }
const COMMIT = '0123456789abcdef0123456789abcdef01234567'

const read = (path: string) => readFile(join(ROOT, path), 'utf8')

/** Writer and reader over the example's table and bucket: deployed, used, and compared with their roles. */
export function registryChapters(theWorld: () => ExampleWorld): void {
  /** The access key of the person who adopted. */
  let operator: string
  const api = (role: Role) => theWorld().api(role)

  chapter('answers 503 in words until the bundle is deployed', async () => {
    const { applied } = theWorld()
    const placeholder = sha256(await readFile(join(ROOT, PLACEHOLDER)))
    for (const role of ROLES) {
      expect(applied[role].codeSha256).toBe(placeholder)
      await expect(api(role).health()).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('its code is not deployed yet'),
      })
    }
  })

  chapter('gets the bundle by the command of the README', async () => {
    const world = theWorld()
    const { zip } = await registryBundle()
    const [, block = ''] = await blocksBelow(README, 'Apply it')
    const names = [...block.matchAll(/--function (\S+)/g)].map(([, name = '']) => name)
    expect(names).toEqual([world.applied.reader.name, world.applied.writer.name])
    await deploy(world, 'administrator', names, zip)
    for (const role of ROLES) {
      const { codeSha256 } = await appliedFunction(world.platform, world.applied[role].name)
      expect(codeSha256).toBe(sha256(await readFile(zip)))
      expect(await api(role).health()).toEqual({ status: 'ok' })
    }
  })

  chapter('gives agents the reader, by the outputs of the platform and by SSM', async () => {
    const { platform, output } = theWorld()
    const Name = '/acme/dev/prompt-registry/url'
    const { Parameter } = await platform.aws.json('ssm', 'AmazonSSM.GetParameter', { Name })
    expect(Parameter).toMatchObject({ Value: output('prompt_registry_url'), Type: 'String' })
    expect(output('prompt_registry_url')).toMatch(/^https:\/\/\w+\.lambda-url\.eu-central-1\.on\.aws\/?$/)
    expect(output('prompt_registry_lambda_name')).toBe('acme-dev-prompt-registry-reader')
    expect(output('prompt_registry_writer_lambda_name')).toBe('acme-dev-prompt-registry')
    expect(output('prompt_registry_writer_url')).not.toBe(output('prompt_registry_url'))
  })

  chapter('serves the seeded prompts in every mode', async () => {
    const content = await read('examples/platform/prompts/triage.txt')
    for (const role of ROLES) {
      for (const mode of MODES) {
        const found = await api(role).resolve('triage', { mode })
        expect(found).toMatchObject({ version: '1.0.0', status: 'stable', content })
      }
      expect(await api(role).resolve('support/greeting@1.0.0')).toMatchObject({ status: 'stable' })
      expect(await api(role).list()).toMatchObject({ prompts: [], unadopted: true })
    }
  })

  chapter('serves an agent that has what the example gives it', async () => {
    const { platform, running, output } = theWorld()
    const agent = await appliedFunction(platform, output('agent_lambda_name'))
    expect(agent.environment).toEqual({
      PROMPT_REGISTRY_URL: output('prompt_registry_url'),
      PROMPT_REGISTRY_FUNCTION: output('prompt_registry_lambda_name'),
      EXECUTION_MODE: 'dev',
    })
    const runtime = { ...running.endpoint.env, AWS_REGION: REGION, ...agent.environment }
    for (const [name, value] of Object.entries(runtime)) vi.stubEnv(name, value)
    try {
      const source = '../../../examples/platform/agent/index.mjs'
      const { handler } = await import(source)
      expect(await handler({ prompt: 'support/greeting' })).toMatchObject({ version: '1.0.0' })
      await expect(handler({ prompt: 'nobody/has/this' })).rejects.toThrow(/nobody\/has\/this/)
      const client = new PromptRegistryClient()
      expect(await client.resolve('triage')).toMatchObject({ tier: 'lambda', version: '1.0.0' })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  chapter('adopts by its schedule what Terraform seeded', async () => {
    expect(await theWorld().fire('acme-dev-prompt-registry-adopt')).toEqual(ADOPTED)
    for (const role of ROLES) {
      const { prompts, unadopted } = await api(role).list()
      const ids = prompts.map(({ prompt_id }) => prompt_id)
      expect({ role, ids, unadopted }).toEqual({ role, ids: ['support/greeting', 'triage'] })
    }
  })

  chapter('serves a seeded prompt through a change of its version, by the recipe of the docs', async () => {
    const { platform, running } = theWorld()
    const [adopt = '', change = ''] = await blocksBelow('docs/operations.md', 'Prompts that Terraform seeded')
    const [, FunctionName] = /--function-name (\S+)/.exec(adopt) ?? []
    const [, Payload = ''] = /--payload '(.*)'/.exec(adopt) ?? []
    const asked = new InvokeCommand({ FunctionName, Payload: Buffer.from(Payload) })
    const { Payload: answer } = await running.client.send(asked)
    // The schedule was first.
    expect(JSON.parse(Buffer.from(answer ?? '').toString())).toEqual({ ...ADOPTED, adopted: 0 })
    expect(await read('docs/operations.md')).toContain(`\`${JSON.stringify(ADOPTED)}\``)

    const [, before = ''] = /^-(.*)$/m.exec(change) ?? []
    const [, after = ''] = /^\+(.*)$/m.exec(change) ?? []
    await platform.edit('seed.tf', before, after)
    expect(await platform.terraform('apply', '-no-color')).toMatch(/^Apply complete! Resources: 1 added, /m)
    const content = await read('examples/platform/prompts/triage.txt')
    for (const reference of ['triage', 'triage@1.0.0'])
      await eachMode(reference, () => ({ version: '1.0.0', status: 'stable', content }))
  })

  chapter('shows a draft to those who may see drafts, and a release to all', async () => {
    const { version: first } = await api('writer').push({ prompt_id: 'shop/refund', content: 'The first.' })
    await eachMode('shop/refund', (mode) =>
      SEES_DRAFTS.includes(mode) ? { version: first, status: 'draft' } : 'not_released',
    )
    await api('writer').promote('shop/refund', { version: first, alias: '1.0.0' })
    const { version: second } = await api('writer').push({ prompt_id: 'shop/refund', content: 'The second.' })
    await eachMode('shop/refund', (mode) =>
      SEES_DRAFTS.includes(mode)
        ? { version: second, status: 'draft' }
        : { version: first, status: 'stable', content: 'The first.' },
    )
    await api('writer').promote('shop/refund', { version: second, alias: '1.1.0' })
    await eachMode('shop/refund', () => ({ version: second, status: 'stable' }))
    await eachMode('shop/refund@1.0.0', () => ({ version: first, status: 'deprecated' }))
    expect(await api('writer').rollback('shop/refund', { reason: 'It was worse.' })).toMatchObject({
      version: first,
      status: 'stable',
    })
    await eachMode('shop/refund_v1.0', () => ({ version: first, status: 'stable' }))
  })

  /** What each function answers in each mode, a refusal by its code. */
  async function eachMode(reference: string, expected: (mode: string) => object | string): Promise<void> {
    for (const role of ROLES) {
      for (const mode of MODES) {
        const answer = await api(role)
          .resolve(reference, { mode })
          .catch(({ code }) => code)
        const wanted = expected(mode)
        if (typeof wanted === 'string')
          expect(`${role} ${mode}: ${answer}`).toBe(`${role} ${mode}: ${wanted}`)
        else expect(answer, `${role} ${mode}`).toMatchObject(wanted)
      }
    }
  }

  chapter('promotes and rolls back a seeded prompt, which its first write adopts', async () => {
    const { platform, output } = theWorld()
    const { dynamodb, s3, close } = clientsOf(platform.url)
    for (const id of ['late/one', 'late/two']) {
      const key = `${id}/1.0.0.txt`
      const row = { prompt_key: id, version: '1.0.0', status: 'stable', s3_key: key }
      const Item = Object.fromEntries(Object.entries(row).map(([name, S]) => [name, { S }]))
      await s3.send(new PutObjectCommand({ Bucket: output('prompt_bucket_name'), Key: key, Body: 'Late.' }))
      await dynamodb.send(new PutItemCommand({ TableName: output('prompt_table_name'), Item }))
    }
    close()
    const writer = api('writer')
    const { version } = await writer.push({ prompt_id: 'late/one', content: 'Later.' })
    await writer.promote('late/one', { version, alias: '1.1.0' })
    await eachMode('late/one', () => ({ version, status: 'stable' }))
    expect(await writer.rollback('late/one', { hold: 'none' })).toMatchObject({ version: '1.0.0' })
    await eachMode('late/one@1.0.0', () => ({ status: 'stable', content: 'Late.' }))
  })

  chapter('lets an operator with the rights of the writer adopt the rest', async () => {
    const { platform, applied, output } = theWorld()
    const credentials = await platform.assume(applied.writer.role)
    operator = credentials.AWS_ACCESS_KEY_ID
    const names = ['--table', output('prompt_table_name'), '--bucket', output('prompt_bucket_name')]
    const { PATH = '', HOME = '' } = process.env
    const env = { PATH, HOME, AWS_REGION: REGION, AWS_ENDPOINT_URL: platform.recorder.url, ...credentials }
    const args = ['--disable-warning=ExperimentalWarning', 'controller/cli/main.ts', 'adopt', ...names]
    const { stdout } = await promisify(execFile)(process.execPath, [...args, '-o', 'json'], {
      cwd: ROOT,
      env,
    })
    expect(JSON.parse(stdout)).toEqual({ adopted: ['late/two'], refused: [] })
    const all = ['late/one', 'late/two', 'shop/refund', 'support/greeting', 'triage']
    for (const role of ROLES) {
      const { prompts, unadopted } = await api(role).list()
      const ids = prompts.map(({ prompt_id }) => prompt_id)
      expect({ role, ids, unadopted }).toEqual({ role, ids: all })
    }
  })

  chapter('does everything else that a registry does', async () => {
    const writer = api('writer')
    const reader = api('reader')
    const { lease } = await writer.lease('batches', { holder: 'test' })
    const fields = { origin: { source: 'batches' }, lease_token: lease?.token ?? 0 }
    const operations = [1, 2, 3].map((number) => {
      return { op: 'push' as const, prompt_id: `batch/${number}`, content: `Text ${number}.`, ...fields }
    })
    const { outcomes } = await writer.batch({ operations })
    expect(outcomes.map(({ status }) => status)).toEqual([201, 201, 201])
    const ledger = Array.from({ length: 200 }, (_, number) => ({ tag: `v0.0.${number}`, commit: COMMIT }))
    const record = { state: {}, ledger, expected_revision: 0, lease_token: lease?.token ?? 0 }
    await writer.recordSource('batches', record)
    const { set } = await writer.moveSet('batches', { lease_token: lease?.token ?? 0 })
    expect(await reader.releaseSet(set)).toMatchObject({ source: 'batches', members: {} })
    await writer.lease('batches', { holder: 'test', token: lease?.token ?? 0, release: true })
    expect((await reader.ledger('batches', { limit: 1000 })).ledger).toHaveLength(ledger.length)
    expect((await reader.sources()).sources.map(({ name }) => name)).toEqual(['batches'])

    await writer.hold('batch/1', { reason: 'A freeze.' })
    await writer.unhold('batch/1', {})
    await writer.transfer('batch/1', { source: null })
    const labelOf = async (id: string) => (await reader.versions(id)).versions[0]?.version ?? ''
    await writer.addAlias('batch/2', { version: await labelOf('batch/2'), alias: '0.1.0', override: true })
    await writer.revoke('batch/3', { version: await labelOf('batch/3') })
    await expect(reader.resolve('batch/3', { mode: 'dev' })).rejects.toMatchObject({ code: 'revoked' })
    const { events } = await reader.events('batch/2')
    expect(events.map(({ type }) => type)).toContain('alias_added')
    const { diff } = await reader.diff('shop/refund', { v1: '1.0.0', v2: '1.1.0' })
    expect(diff).toContain('+The second.')
    expect((await reader.list({ source: 'batches' })).prompts).toHaveLength(2)
  })

  chapter('refuses to write through the reader', async () => {
    const reader = api('reader')
    const refused = { code: 'read_only' }
    await expect(reader.push({ prompt_id: 'a', content: 'x' })).rejects.toMatchObject(refused)
    await expect(reader.promote('triage', { version: '1.1.0' })).rejects.toMatchObject(refused)
    await expect(reader.revoke('triage', { version: '1.0.0' })).rejects.toMatchObject(refused)
  })

  chapter('copes with what others left in the table and in the bucket', async () => {
    const { platform, output } = theWorld()
    const { dynamodb, s3, close } = clientsOf(platform.url)
    try {
      const Bucket = output('prompt_bucket_name')
      await s3.send(new PutObjectCommand({ Bucket, Key: 'taken/2.0.0.txt', Body: 'Something else.' }))
      await api('writer').push({ prompt_id: 'taken', version: '2.0.0', content: 'Ours.' })
      expect(await api('reader').resolve('taken', { mode: 'dev' })).toMatchObject({ content: 'Ours.' })
      const lost = { prompt_key: 'lost', version: '1.0.0', status: 'stable', s3_key: 'lost/1.0.0.txt' }
      const Item = Object.fromEntries(Object.entries(lost).map(([name, S]) => [name, { S }]))
      await dynamodb.send(new PutItemCommand({ TableName: output('prompt_table_name'), Item }))
      for (const role of ROLES) {
        await expect(api(role).resolve('lost')).rejects.toMatchObject({ code: 'text_missing' })
      }
      const origin = { source: 'passing' }
      await api('writer').push({ prompt_id: 'passing', content: 'Soon gone.', origin })
      await api('writer').forget('passing', { delete: true })
      await expect(api('reader').resolve('passing')).rejects.toMatchObject({ code: 'gone' })
      const references = Array.from({ length: 40 }, (_, number) => `unknown/${number}`)
      for (const role of ROLES) {
        const { results } = await api(role).resolveMany({ references })
        expect(results.every((result) => 'code' in result && result.code === 'not_found')).toBe(true)
      }
    } finally {
      close()
    }
  })

  chapter('gives the roles of writer and reader what they need, and nothing else', async () => {
    const { platform, running, applied } = theWorld()
    const callsOf = (key: string | undefined): readonly NeededPermission[] =>
      platform.recorder.needed.filter(({ accessKeyId }) => accessKeyId === key)
    const keyOf = (role: Role) => running.accessKeys.get(applied[role].name)
    const calls = {
      [applied.writer.role]: [...callsOf(keyOf('writer')), ...callsOf(operator)],
      [applied.reader.role]: callsOf(keyOf('reader')),
    }
    for (const [role, needed] of Object.entries(calls)) {
      const statements = readPolicy(await platform.policyOf(role))
      expect({ role, missing: missingIn(statements, needed) }).toEqual({ role, missing: [] })
      expect({ role, extra: unusedIn(statements, needed) }).toEqual({ role, extra: [] })
    }
  })

  chapter('lets the reader only read, and the agent only ask the reader', async () => {
    const { platform, applied, output } = theWorld()
    const reader = readPolicy(await platform.policyOf(applied.reader.role))
    const counting = reader.filter(({ sid }) => sid === 'CountReads')
    expect(counting).toMatchObject([{ actions: ['dynamodb:UpdateItem'] }])
    const ofItsOwnRows = /"ForAllValues:StringLike":\{"dynamodb:LeadingKeys":\[?"#reads#\*"\]?\}/
    expect(JSON.stringify(counting[0]?.condition)).toMatch(ofItsOwnRows)
    const actions = reader.filter((one) => !counting.includes(one)).flatMap((statement) => statement.actions)
    const reads = /^(dynamodb:(GetItem|BatchGetItem|Query|Scan)|s3:(GetObject|ListBucket)|kms:Decrypt)$/
    const own = /^(logs:(CreateLogStream|PutLogEvents)|xray:Put(TraceSegments|TelemetryRecords))$/
    expect(actions.filter((action) => !reads.test(action) && !own.test(action))).toEqual([])

    const agent = readPolicy(await platform.policyOf('acme-dev-example-agent'))
    expect(
      agent.map(({ sid, actions, resources }) => ({ sid, actions: [...actions].sort(), resources })),
    ).toEqual([
      {
        sid: 'ResolvePrompts',
        actions: ['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'],
        resources: [output('prompt_registry_lambda_arn')],
      },
      expect.objectContaining({ sid: 'WriteLogs' }),
    ])
  })

  chapter('uses the keys of table and bucket through DynamoDB and S3 alone', async () => {
    const { platform, applied } = theWorld()
    const { Aliases } = await platform.aws.json('kms', 'TrentService.ListAliases', {})
    const aliases = Aliases as readonly { AliasName: string; TargetKeyId: string }[]
    const id = aliases.find(({ AliasName }) => AliasName === 'alias/acme-dev-prompts')?.TargetKeyId
    const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}`
    const through = (service: string) => ({
      StringEquals: { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` },
    })
    for (const role of ROLES) {
      const statements = readPolicy(await platform.policyOf(applied[role].role))
      const keys = statements.filter(({ actions }) => actions.some((action) => action.startsWith('kms:')))
      const toBucket = role === 'reader' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey']
      // The key of the table was not given, so it was looked up.
      expect(
        keys.map(({ actions, resources, condition }) => [[...actions].sort(), resources, condition]),
      ).toEqual([
        [['kms:Decrypt'], [key], through('dynamodb')],
        [toBucket, [key], through('s3')],
      ])
    }
  })
}
