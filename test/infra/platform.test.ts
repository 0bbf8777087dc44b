import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { zip } from '../../scripts/zip.ts'
import { describeOnAws } from '../support/aws/moto.ts'
import { accountChapters, lastChapter } from './chapters/account.ts'
import { controllerChapters } from './chapters/controller.ts'
import { registryChapters } from './chapters/registry.ts'
import { replacedChapters } from './chapters/replaced.ts'
import { chapter, hasTerraform, PATIENCE } from './support/chapter.ts'
import { clientsOf, removeDeleteMarkers } from './support/clients.ts'
import { EXAMPLE, type ExampleWorld, startExampleWorld } from './support/example-world.ts'
import { appliedFunction, PLACEHOLDER, REGION, sha256 } from './support/platform.ts'
import { ACCOUNT } from './support/recorder.ts'
import { ROOT } from './support/terraform.ts'
import { startWiredWorld, type WiredWorld } from './support/wired-world.ts'

const IN_ORDER = { concurrent: false }
const REGISTRY_ALARMS = ['errors', 'throttles', 'answers-5xx']

/** Two stories, each with an emulator of its own. Both mostly wait for Terraform, so they are told at one time. */
describeOnAws('our Terraform on an emulator', () => {
  describe.concurrent('examples/platform', () => {
    describe('as its README applies it', IN_ORDER, exampleStory)
  })
  describe.concurrent('the modules', () => {
    describe('as docs/operations.md wires them into a platform', IN_ORDER, wiredStory)
  })
})

function exampleStory(): void {
  let world: ExampleWorld | undefined
  const theWorld = () => {
    if (world === undefined) throw new Error('The example was not applied.')
    return world
  }

  beforeAll(async () => {
    if (hasTerraform) world = await startExampleWorld()
  }, PATIENCE)
  afterAll(() => world?.close(), PATIENCE)

  chapter('is planned and applied with no variable that the README does not name', async () => {
    const { planned, applied } = theWorld().readme
    expect(planned).toMatch(/^Plan: \d+ to add, 0 to change, 0 to destroy\.$/m)
    expect(applied).toMatch(/^Apply complete! Resources: \d+ added, 0 changed, 0 destroyed\.$/m)
  })

  registryChapters(theWorld)

  const functions = ['acme-dev-prompt-registry', 'acme-dev-prompt-registry-reader']
  accountChapters(theWorld, {
    roles: [...functions, 'acme-dev-prompt-registry-adopt', 'acme-dev-example-agent'],
    ours: [
      /^arn:aws:dynamodb:eu-central-1:123456789012:table\/acme-dev-prompts$/,
      /^arn:aws:s3:::acme-dev-prompts-123456789012(\/\*)?$/,
      /^arn:aws:kms:eu-central-1:123456789012:key\/[0-9a-f-]{36}$/,
      /^arn:aws:logs:eu-central-1:123456789012:log-group:\/aws\/lambda\/acme-dev-[a-z-]+:\*$/,
      /^arn:aws:lambda:eu-central-1:123456789012:function:acme-dev-prompt-registry(-reader)?$/,
    ],
    alarms: Object.fromEntries(functions.map((name) => [name, REGISTRY_ALARMS])),
    actions: [],
  })

  chapter(
    'is settled: a second apply, with nulls for variables, changes neither code nor prompts',
    async () => {
      const { platform, api, readme } = theWorld()
      const variables = await readFile(join(ROOT, EXAMPLE, 'variables.tf'), 'utf8')
      const names = [...variables.matchAll(/^variable "(\w+)"/gm)].map(([, name = '']) => name)
      const given = Object.keys(readme.variables).map((name) => name.replace('TF_VAR_', ''))
      const nulls = names.filter((name) => !given.includes(name)).map((name) => `${name} = null\n`)
      await writeFile(platform.workspace.path(`${EXAMPLE}/nulls.auto.tfvars`), nulls.join(''))
      const before = await api('reader').resolve('triage')
      // As a new version of the module would bring it.
      await cp(join(ROOT, EXAMPLE, 'agent/agent.zip'), platform.workspace.path(PLACEHOLDER))
      expect(await platform.terraform('apply', '-no-color')).toContain('0 added, 0 changed, 0 destroyed.')
      expect(await api('reader').resolve('triage')).toEqual(before)
    },
  )

  chapter('takes its code from S3 instead of a placeholder, and then from another object', async () => {
    const { platform, applied, output } = theWorld()
    const { s3, close } = clientsOf(platform.url)
    const put = async (Key: string) => {
      const bytes = Buffer.from(`export const handler = () => '${Key}'`)
      const Body = zip([{ name: 'index.mjs', bytes }])
      await s3.send(new PutObjectCommand({ Bucket: output('prompt_bucket_name'), Key, Body }))
      return sha256(Body)
    }
    const apply = async (key: string, result: RegExp) => {
      const hash = await put(key)
      expect(await platform.terraform('apply', '-no-color')).toMatch(result)
      for (const { name } of Object.values(applied))
        expect((await appliedFunction(platform, name)).codeSha256).toBe(hash)
    }
    const reader = 'primary_endpoint    = "reader"'
    const given = 'package = { s3_bucket = module.prompt_data.prompt_bucket_name, s3_key = "first.zip" }'
    await platform.edit('main.tf', reader, `${reader}\n  ${given}`)
    await apply('first.zip', /^Apply complete! Resources: 4 added, \d changed, 4 destroyed\.$/m)
    await platform.edit('main.tf', 'first.zip', 'second.zip')
    await apply('second.zip', /^Apply complete! Resources: 0 added, 2 changed, 0 destroyed\.$/m)
    close()
  })

  lastChapter(theWorld, {})

  chapter('removes delete markers itself because the emulator fails once versioning is off', async () => {
    const { s3, close } = clientsOf(theWorld().platform.url)
    try {
      const Bucket = 'keeps-delete-markers'
      const CreateBucketConfiguration = { LocationConstraint: REGION } as const
      await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }))
      const version = (Status: 'Enabled' | 'Suspended') =>
        s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
      await version('Enabled')
      await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'b' }))
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))
      await version('Suspended')
      const remove = removeDeleteMarkers(s3, Bucket)
      await expect(remove).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } })
    } finally {
      close()
    }
  })

  chapter('leaves the policy for TLS out because the emulator refuses whatever the condition', async () => {
    const { s3, close } = clientsOf(theWorld().platform.url)
    try {
      const Bucket = 'refuses-nothing-but-tls'
      const CreateBucketConfiguration = { LocationConstraint: REGION } as const
      await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }))
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
}

function wiredStory(): void {
  let world: WiredWorld | undefined
  const theWorld = () => {
    if (world === undefined) throw new Error('The wiring was not applied.')
    return world
  }

  beforeAll(async () => {
    if (hasTerraform) world = await startWiredWorld()
  }, PATIENCE)
  afterAll(() => world?.close(), PATIENCE)

  chapter('has modules that are valid without a warning, and pass their own tests', async () => {
    const { modules } = theWorld()
    expect(modules).toHaveLength(3)
    for (const { tests, ...module } of modules) {
      expect(module).toEqual({ folder: module.folder, valid: true, diagnostics: [] })
      expect(tests, module.folder).toContain(' 0 failed.')
    }
  })

  controllerChapters(theWorld)

  const registry = ['beta-dev-prompt-registry', 'beta-dev-prompt-registry-reader']
  accountChapters(theWorld, {
    roles: [
      ...registry,
      'beta-dev-prompt-registry-adopt',
      'beta-dev-prompt-registry-deploy',
      'beta-dev-prompt-controller',
      'beta-dev-prompt-webhooks',
      'beta-dev-prompt-schedule',
    ],
    ours: [
      /^arn:aws:dynamodb:eu-central-1:123456789012:table\/beta-prompts$/,
      /^arn:aws:s3:::beta-prompts(\/\*)?$/,
      /^arn:aws:s3:::beta-dev-sources-123456789012\/promptctl\.yaml$/,
      /^arn:aws:kms:eu-central-1:123456789012:key\/[0-9a-f-]{36}$/,
      /^arn:aws:logs:eu-central-1:123456789012:log-group:\/aws\/(lambda|codebuild)\/beta-dev-[a-z-]+:\*$/,
      /^arn:aws:lambda:eu-central-1:123456789012:function:beta-dev-prompt-registry(-reader)?(:\*)?$/,
      /^arn:aws:lambda:eu-central-1:123456789012:function:beta-dev-prompt-(controller(:passes|:\*)?|webhooks(:\*)?)$/,
      /^arn:aws:sqs:eu-central-1:123456789012:beta-dev-prompt-controller-dead-letters$/,
      /^arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-\w{6}$/,
      /^arn:aws:ssm:eu-central-1:123456789012:parameter\/beta\/hook$/,
    ],
    alarms: {
      ...Object.fromEntries(registry.map((name) => [name, REGISTRY_ALARMS])),
      'beta-dev-prompt-controller': ['errors', 'throttles', 'problems', 'overdue', 'unready', 'dead-letters'],
      'beta-dev-prompt-webhooks': ['errors', 'throttles', 'problems'],
    },
    actions: ['alarms', 'pager'].map((topic) => `arn:aws:sns:${REGION}:${ACCOUNT}:${topic}`),
  })

  replacedChapters(theWorld)

  chapter('leaves the key of the environment out because the emulator forgets it', async () => {
    const { platform, applied } = theWorld()
    const FunctionName = applied.writer.name
    const KMSKeyArn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/0f0f0f0f-0000-4000-8000-000000000000`
    await platform.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, KMSKeyArn }))
    const found = await platform.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
    expect(found.KMSKeyArn).toBeUndefined()
  })

  lastChapter(theWorld, { aws_codebuild_project: ['beta-dev-prompt-registry-deploy'] })

  chapter('leaves a CodeBuild project because the emulator deletes by name alone', async () => {
    const { aws } = theWorld().platform
    const codebuild = (action: string, body: object) =>
      aws.json('codebuild', `CodeBuild_20161006.${action}`, body)
    const there = async () => (await codebuild('ListProjects', {})).projects
    const name = 'beta-dev-prompt-registry-deploy'
    // AWS takes a name or an ARN, and the provider gives the ARN.
    await codebuild('DeleteProject', { name: `arn:aws:codebuild:${REGION}:${ACCOUNT}:project/${name}` })
    expect(await there()).toEqual([name])
    await codebuild('DeleteProject', { name })
    expect(await there()).toEqual([])
  })
}
