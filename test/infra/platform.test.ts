import { execFile } from 'node:child_process'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { PromptRegistryClient } from '../../client/index.ts'
import { describeOnAws } from '../support/aws/moto.ts'
import { registryBundle } from '../support/lambda/bundles.ts'
import { elements } from './support/emulator.ts'
import { takeInventory } from './support/inventory.ts'
import { metricName, metricsIn } from './support/metrics.ts'
import {
  type AppliedFunction,
  appliedFunction,
  deploy,
  PLACEHOLDER,
  type Platform,
  REGION,
  type RunningFunctions,
  runFunctions,
  sha256,
  startPlatform,
} from './support/platform.ts'
import { missingIn, readPolicy, unusedIn } from './support/policy.ts'
import { ACCOUNT, type NeededPermission } from './support/recorder.ts'
import { ROOT, terraformMissing } from './support/terraform.ts'

const ROLES = ['writer', 'reader'] as const
type Role = (typeof ROLES)[number]

const MODES = ['simulation', 'dev', 'staging', 'production'] as const
const SEES_DRAFTS: readonly string[] = ['simulation', 'dev']
const BUILD_ROLE = 'acme-dev-prompt-registry-deploy'
const COMMIT = '0123456789abcdef0123456789abcdef01234567'

const X_RAY = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords']

/** Everything that a permission may be about. */
const OURS = [
  /^arn:aws:dynamodb:eu-central-1:123456789012:table\/acme-dev-prompts$/,
  /^arn:aws:s3:::acme-dev-prompts-123456789012(\/\*)?$/,
  /^arn:aws:kms:eu-central-1:123456789012:key\/[0-9a-f-]{36}$/,
  /^arn:aws:logs:eu-central-1:123456789012:log-group:\/aws\/(lambda|codebuild)\/acme-dev-[a-z-]+:\*$/,
  /^arn:aws:lambda:eu-central-1:123456789012:function:acme-dev-prompt-registry(-reader)?$/,
]

/** The provider waits 50 s to see that a bucket's lifecycle is settled, on AWS as here. */
const PATIENCE = 300_000

const missing = await terraformMissing()
const read = (path: string) => readFile(join(ROOT, path), 'utf8')

/** The tests tell one story and run in its order: apply, deploy, use, compare, apply again, destroy. */
describeOnAws('examples/platform', () => {
  let platform: Platform
  let outputs: Readonly<Record<string, string>>
  let applied: Readonly<Record<Role, AppliedFunction>>
  let running: RunningFunctions
  let deployment: readonly NeededPermission[]
  /** The access key of the person who adopted. */
  let operator: string
  const api = (role: Role): RegistryApi => running.api(applied[role].name)
  const output = (name: string) => outputs[name] ?? ''

  beforeAll(async () => {
    if (missing !== undefined) return
    const bundle = registryBundle()
    platform = await startPlatform()
    await platform.terraform('init', '-no-color')
    expect(JSON.parse(await platform.terraform('validate', '-json')).diagnostics).toEqual([])
    await platform.terraform('apply', '-auto-approve', '-no-color')
    outputs = await platform.outputs()
    applied = await appliedFunctions()
    running = await runFunctions(platform, Object.values(applied), join(ROOT, PLACEHOLDER))
    await bundle
  }, PATIENCE)

  afterAll(async () => {
    await running?.close()
    await platform?.close()
  }, PATIENCE)

  async function appliedFunctions(): Promise<Record<Role, AppliedFunction>> {
    return {
      writer: await appliedFunction(platform, output('prompt_registry_lambda_name')),
      reader: await appliedFunction(platform, output('prompt_registry_reader_lambda_name')),
    }
  }

  /** A test of the story; skipped, naming the reason, where there is no terraform. */
  function chapter(name: string, run: () => Promise<void>): void {
    test(name, { timeout: PATIENCE }, async ({ skip }) => {
      if (missing !== undefined) skip(missing)
      await run()
    })
  }

  chapter('answers 503 in words until the bundle is deployed', async () => {
    const placeholder = sha256(await readFile(join(ROOT, PLACEHOLDER)))
    for (const role of ROLES) {
      expect(applied[role].codeSha256).toBe(placeholder)
      await expect(api(role).health()).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('its code is not deployed yet'),
      })
    }
  })

  chapter('gets the bundle, as the role of its CodeBuild project', async () => {
    const { zip } = await registryBundle()
    const functions = [applied.reader.name, applied.writer.name]
    deployment = await deploy(platform, running, BUILD_ROLE, functions, zip)
    applied = await appliedFunctions()
    for (const role of ROLES) {
      expect(applied[role].codeSha256).toBe(sha256(await readFile(zip)))
      expect(await api(role).health()).toEqual({ status: 'ok' })
    }
  })

  chapter('exports the URL of the writer to SSM', async () => {
    const Name = '/acme/dev/prompt-registry/url'
    const { Parameter } = await platform.aws.json('ssm', 'AmazonSSM.GetParameter', { Name })
    expect(Parameter).toMatchObject({ Value: output('prompt_registry_url'), Type: 'String' })
    expect(output('prompt_registry_url')).toMatch(/^https:\/\/\w+\.lambda-url\.eu-central-1\.on\.aws\/?$/)
    expect(output('prompt_registry_reader_url')).not.toBe(output('prompt_registry_url'))
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
    const agent = await appliedFunction(platform, output('agent_lambda_name'))
    expect(agent.environment).toEqual({
      PROMPT_REGISTRY_URL: output('prompt_registry_reader_url'),
      PROMPT_REGISTRY_FUNCTION: output('prompt_registry_reader_lambda_name'),
      EXECUTION_MODE: 'dev',
    })
    const runtime = { ...running.endpoint.env, AWS_REGION: REGION, ...agent.environment }
    for (const [name, value] of Object.entries(runtime)) vi.stubEnv(name, value)
    try {
      const source = '../../examples/platform/agent/index.mjs'
      const { handler } = await import(source)
      expect(await handler({ prompt: 'support/greeting' })).toMatchObject({ version: '1.0.0' })
      await expect(handler({ prompt: 'nobody/has/this' })).rejects.toThrow(/nobody\/has\/this/)
      const client = new PromptRegistryClient()
      expect(await client.resolve('triage')).toMatchObject({ tier: 'lambda', version: '1.0.0' })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  chapter('shows a draft to those who may see drafts, and a release to all', async () => {
    const { version: first } = await api('writer').push({
      prompt_id: 'support/refund',
      content: 'The first.',
    })
    await eachMode('support/refund', (mode) =>
      SEES_DRAFTS.includes(mode) ? { version: first, status: 'draft' } : 'not_released',
    )
    await api('writer').promote('support/refund', { version: first, alias: '1.0.0' })
    const { version: second } = await api('writer').push({
      prompt_id: 'support/refund',
      content: 'The second.',
    })
    await eachMode('support/refund', (mode) =>
      SEES_DRAFTS.includes(mode)
        ? { version: second, status: 'draft' }
        : { version: first, status: 'stable', content: 'The first.' },
    )
    await api('writer').promote('support/refund', { version: second, alias: '1.1.0' })
    await eachMode('support/refund', () => ({ version: second, status: 'stable' }))
    await eachMode('support/refund@1.0.0', () => ({ version: first, status: 'deprecated' }))
    expect(await api('writer').rollback('support/refund', { reason: 'It was worse.' })).toMatchObject({
      version: first,
      status: 'stable',
    })
    await eachMode('support/refund_v1.0', () => ({ version: first, status: 'stable' }))
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

  chapter('promotes and rolls back a seeded prompt, and leaves its object to Terraform', async () => {
    const writer = api('writer')
    const { version } = await writer.push({ prompt_id: 'triage', content: 'Sort better.' })
    await writer.promote('triage', { version, alias: '1.1.0' })
    await eachMode('triage', () => ({ version, status: 'stable' }))
    expect(await writer.rollback('triage', { hold: 'none' })).toMatchObject({ version: '1.0.0' })
    await eachMode('triage@1.0.0', () => ({ status: 'stable' }))
    expect((await writer.list()).prompts.map(({ prompt_id }) => prompt_id)).toEqual([
      'support/refund',
      'triage',
    ])
  })

  chapter('lets an operator with the rights of the writer adopt the rest', async () => {
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
    expect(JSON.parse(stdout)).toEqual({ adopted: ['support/greeting'], refused: [] })
    const all = ['support/greeting', 'support/refund', 'triage']
    for (const role of ROLES) {
      const { prompts, unadopted } = await api(role).list()
      const ids = prompts.map(({ prompt_id }) => prompt_id)
      expect({ role, ids, unadopted }).toEqual({ role, ids: all })
    }
  })

  chapter('does everything else that a registry does', async () => {
    const writer = api('writer')
    const reader = api('reader')
    const { lease } = await writer.lease('support', { holder: 'test' })
    const fields = { origin: { source: 'support' }, lease_token: lease?.token ?? 0 }
    const operations = [1, 2, 3].map((number) => {
      return { op: 'push' as const, prompt_id: `batch/${number}`, content: `Text ${number}.`, ...fields }
    })
    const { outcomes } = await writer.batch({ operations })
    expect(outcomes.map(({ status }) => status)).toEqual([201, 201, 201])
    const ledger = Array.from({ length: 200 }, (_, number) => ({ tag: `v0.0.${number}`, commit: COMMIT }))
    const record = { state: {}, ledger, expected_revision: 0, lease_token: lease?.token ?? 0 }
    await writer.recordSource('support', record)
    await writer.lease('support', { holder: 'test', token: lease?.token ?? 0, release: true })
    expect((await reader.ledger('support', { limit: 1000 })).ledger).toHaveLength(ledger.length)
    expect((await reader.sources()).sources.map(({ name }) => name)).toEqual(['support'])

    await writer.hold('batch/1', { reason: 'A freeze.' })
    await writer.unhold('batch/1', {})
    await writer.transfer('batch/1', { source: null })
    const labelOf = async (id: string) => (await reader.versions(id)).versions[0]?.version ?? ''
    await writer.addAlias('batch/2', { version: await labelOf('batch/2'), alias: '0.1.0', override: true })
    await writer.revoke('batch/3', { version: await labelOf('batch/3') })
    await expect(reader.resolve('batch/3', { mode: 'dev' })).rejects.toMatchObject({ code: 'revoked' })
    const { events } = await reader.events('batch/2')
    expect(events.map(({ type }) => type)).toContain('alias_added')
    const { diff } = await reader.diff('support/refund', { v1: '1.0.0', v2: '1.1.0' })
    expect(diff).toContain('+The second.')
    expect((await reader.list({ source: 'support' })).prompts).toHaveLength(2)
  })

  chapter('refuses to write through the reader', async () => {
    const reader = api('reader')
    const refused = { code: 'read_only' }
    await expect(reader.push({ prompt_id: 'a', content: 'x' })).rejects.toMatchObject(refused)
    await expect(reader.promote('triage', { version: '1.1.0' })).rejects.toMatchObject(refused)
    await expect(reader.revoke('triage', { version: '1.0.0' })).rejects.toMatchObject(refused)
  })

  chapter('copes with what others left in the table and in the bucket', async () => {
    const { dynamodb, s3, close } = clients()
    try {
      const Bucket = output('prompt_bucket_name')
      await s3.send(new PutObjectCommand({ Bucket, Key: 'taken/2.0.0.txt', Body: 'Something else.' }))
      await api('writer').push({ prompt_id: 'taken', version: '2.0.0', content: 'Ours.' })
      expect(await api('reader').resolve('taken', { mode: 'dev' })).toMatchObject({ content: 'Ours.' })
      const lost = { prompt_key: 'lost', version: '1.0.0', status: 'stable', s3_key: 'lost/1.0.0.txt' }
      const Item = Object.fromEntries(Object.entries(lost).map(([name, S]) => [name, { S }]))
      await dynamodb.send(new PutItemCommand({ TableName: output('prompt_table_name'), Item }))
      for (const role of ROLES) {
        await expect(api(role).resolve('lost')).rejects.toMatchObject({ code: 'unavailable' })
      }
      const references = Array.from({ length: 40 }, (_, number) => `unknown/${number}`)
      for (const role of ROLES) {
        const { results } = await api(role).resolveMany({ references })
        expect(results.every((result) => 'code' in result && result.code === 'not_found')).toBe(true)
      }
    } finally {
      close()
    }
  })

  chapter('gives each role what it needs, and nothing else', async () => {
    const calls = {
      [applied.writer.role]: [...callsOf(keyOf(applied.writer)), ...callsOf(operator)],
      [applied.reader.role]: callsOf(keyOf(applied.reader)),
      [BUILD_ROLE]: deployment,
    }
    for (const [role, needed] of Object.entries(calls)) {
      const statements = readPolicy(await platform.policyOf(role))
      expect({ role, missing: missingIn(statements, needed) }).toEqual({ role, missing: [] })
      expect({ role, extra: unusedIn(statements, needed) }).toEqual({ role, extra: [] })
    }
  })

  function keyOf({ name }: AppliedFunction): string | undefined {
    return running.accessKeys.get(name)
  }

  function callsOf(key: string | undefined): readonly NeededPermission[] {
    return platform.recorder.needed.filter(({ accessKeyId }) => accessKeyId === key)
  }

  chapter('lets the reader only read, and the agent only ask the reader', async () => {
    const reader = readPolicy(await platform.policyOf(applied.reader.role))
    const actions = reader.flatMap((statement) => statement.actions)
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
        resources: [output('prompt_registry_reader_lambda_arn')],
      },
      expect.objectContaining({ sid: 'WriteLogs' }),
    ])
  })

  chapter('names what each permission is for, but where AWS cannot', async () => {
    const roles = elements(
      await platform.aws.query('iam', { Action: 'ListRoles', Version: '2010-05-08' }),
      'RoleName',
    )
    expect(roles.sort()).toEqual(
      [applied.writer.role, applied.reader.role, BUILD_ROLE, 'acme-dev-example-agent'].sort(),
    )
    for (const role of roles) {
      for (const { sid, effect, actions, resources } of readPolicy(await platform.policyOf(role))) {
        expect(`${role} ${sid} ${effect}`).toBe(`${role} ${sid} Allow`)
        expect(actions.filter((action) => action.includes('*'))).toEqual([])
        const broad = resources.filter((resource) => !OURS.some((pattern) => pattern.test(resource)))
        if (sid !== 'SendTraces') expect({ role, sid, broad }).toEqual({ role, sid, broad: [] })
        else expect([resources, actions]).toEqual([['*'], X_RAY])
      }
    }
  })

  chapter('uses the keys of table and bucket through DynamoDB and S3 alone', async () => {
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

  chapter('has alarms on what the functions really count', async () => {
    const counted = ROLES.flatMap((role) => running.endpoint.logs(applied[role].name)).flatMap(metricsIn)
    const alarms = (await platform.resources())
      .filter(({ type }) => type === 'aws_cloudwatch_metric_alarm')
      .map(({ values }) => values)
    for (const { namespace, metric_name, dimensions, alarm_actions } of alarms) {
      expect(alarm_actions).toEqual([`arn:aws:sns:${REGION}:${ACCOUNT}:alarms`])
      const watched = metricName(namespace, metric_name, dimensions)
      if (namespace !== 'AWS/Lambda') expect(counted).toContain(watched)
      else
        expect(Object.values(applied).map(({ name }) => ({ FunctionName: name }))).toContainEqual(dimensions)
    }
    const names = ['errors', 'throttles', 'answers-5xx']
    expect(alarms.map(({ alarm_name }) => alarm_name).sort()).toEqual(
      ROLES.flatMap((role) => names.map((name) => `${applied[role].name}-${name}`)).sort(),
    )
  })

  chapter('is settled: a second apply changes nothing, and leaves code and prompts alone', async () => {
    const before = { applied, triage: await api('reader').resolve('triage') }
    // As a new version of the module would bring it.
    await cp(join(ROOT, 'examples/platform/agent/agent.zip'), platform.workspace.path(PLACEHOLDER))
    const said = await platform.terraform('apply', '-auto-approve', '-no-color')
    expect(said).toContain('No changes. Your infrastructure matches the configuration.')
    expect(said).toContain('Resources: 0 added, 0 changed, 0 destroyed.')
    expect({ applied: await appliedFunctions(), triage: await api('reader').resolve('triage') }).toEqual(
      before,
    )
  })

  chapter('leaves nothing when it is destroyed', async () => {
    const types = (await platform.resources()).map(({ type }) => type)
    const before = await takeInventory(platform.aws, platform.url, types)
    // What is looked for was there.
    expect(Object.entries(before).filter(([, found]) => found.length === 0)).toEqual([])

    await platform.terraform('destroy', '-auto-approve', '-no-color')
    const left = Object.entries(await takeInventory(platform.aws, platform.url, types))
    expect(left.filter(([, found]) => found.length > 0)).toEqual([['aws_codebuild_project', [BUILD_ROLE]]])
  })

  // The two things in which the emulator differs, so that the example and these tests make room for them.

  chapter('a CodeBuild project is left because the emulator deletes by name alone', async () => {
    const codebuild = (action: string, body: object) =>
      platform.aws.json('codebuild', `CodeBuild_20161006.${action}`, body)
    const there = async () => (await codebuild('ListProjects', {})).projects
    // AWS takes a name or an ARN, and the provider gives the ARN.
    await codebuild('DeleteProject', { name: `arn:aws:codebuild:${REGION}:${ACCOUNT}:project/${BUILD_ROLE}` })
    expect(await there()).toEqual([BUILD_ROLE])
    await codebuild('DeleteProject', { name: BUILD_ROLE })
    expect(await there()).toEqual([])
  })

  chapter('the policy for TLS is left out because the emulator refuses whatever the condition', async () => {
    const { s3, close } = clients()
    try {
      const Bucket = 'refuses-nothing-but-tls'
      await s3.send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }),
      )
      const put = () => s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'b' }))
      await put()
      // The opposite of the module's policy. This request has no TLS, so AWS would take it.
      const Statement = {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'true' } },
      }
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] })
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
      await expect(put()).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
    } finally {
      close()
    }
  })

  function clients() {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const options = { endpoint: platform.url, region: REGION, credentials }
    const dynamodb = new DynamoDBClient(options)
    const s3 = new S3Client({ ...options, forcePathStyle: true })
    const close = () => {
      dynamodb.destroy()
      s3.destroy()
    }
    return { dynamodb, s3, close }
  }
})
