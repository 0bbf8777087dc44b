import type { KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { type EnvelopeDocument, signEnvelope } from '../../../api/contract/attestation/dsse.ts'
import {
  STATEMENT_PAYLOAD_TYPE,
  statementBytes,
  TEST_RESULT,
} from '../../../api/contract/attestation/statement.ts'
import { parsePrivateKey } from '../../../api/contract/keys/private-key.ts'
import { type Attestation, evidenceRef, evidenceStatement } from '../../evidence/evidence-statement.ts'
import { versionsAt } from '../../pass/versions-at.ts'
import type { DesiredVersion } from '../../prompts/read-files.ts'
import { type Clone, openClone } from '../../source/git/clone.ts'
import { didYouMean } from '../../values/nearest.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { loadConfig, withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions } from '../dry-run.ts'
import { readText } from '../input.ts'
import { lintSource } from '../lint-source.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'

interface AttestOptions extends CommonOptions, DryRunOptions {
  readonly evidence: string
  readonly result: string
  readonly key: string
  readonly since?: string
  readonly commit: string
  readonly predicate: string
  readonly url?: string
  readonly to: 'git' | 'registry'
  readonly remote: string
  readonly source?: string
}

const NOTES = `Signs a statement about each version and pushes it to refs/promptctl/evidence/ of the remote, or posts it to the registry,
which must have the prompt already. Run it in a clone, which may be shallow, after a test of the prompts. The key is PEM,
or what ssh-keygen -t ed25519 -N "" writes. The settings of the source are found as lint finds them.`

export function attestCommand({ runtime }: CliContext): Command {
  return newCommand('attest', 'Sign evidence about versions of prompts, and send it', {
    group: 'run',
    examples: [
      'attest --evidence eval --result PASSED --key attest.key',
      'attest support/triage --evidence eval --result FAILED --key attest.key --url https://ci.example.com/42',
    ],
    notes: NOTES,
  })
    .usage('[options] --evidence <name> --result <result> --key <file> [prompts...]')
    .argument('[prompts...]', 'Ids of the prompts (default: every prompt of the commit)')
    .requiredOption('--evidence <name>', 'Name of the evidence, such as eval (required)')
    .requiredOption('--result <result>', 'Result of the test: PASSED, WARNED or FAILED (required)')
    .requiredOption('--key <file>', 'Private key, or "-" to read it from standard input (required)')
    .option('--since <commit>', 'Attest only versions that differ from those of this commit')
    .option('--commit <commit>', 'Commit with the versions', 'HEAD')
    .option('--predicate <type>', 'Predicate type of the statements', TEST_RESULT)
    .option('--url <url>', 'Address of the test run')
    .addOption(
      new Option('--to <place>', 'Push to the remote, or post to the registry')
        .choices(['git', 'registry'])
        .default('git'),
    )
    .option('--remote <name>', 'Remote to push to', 'origin')
    .option('--source <name>', 'Use the settings of this source')
    .option(...DRY_RUN)
    .action(async (ids: readonly string[], options: AttestOptions) => {
      const key = await readKey(options.key, runtime)
      const clone = await openClone(resolve(runtime.cwd), runtime.env, runtime.signal)
      try {
        const commit = await clone.commitOf(options.commit)
        const versions = await chosen(clone, commit, ids, options, runtime)
        const signed = versions.map((version) => sign(version, key, attestationOf(options, runtime.now())))
        if (options.dryRun !== true) await send(clone, signed, options, runtime)
        print(runtime, commit, signed, options)
      } finally {
        await clone.close()
      }
    })
}

async function readKey(file: string, runtime: CliRuntime): Promise<KeyObject> {
  try {
    return parsePrivateKey(await readText(file, runtime))
  } catch (error) {
    if (error instanceof UsageError) throw error
    const what = file === '-' ? 'Standard input' : file
    throw new UsageError(`${what} is not a usable private key: ${(error as Error).message}.`)
  }
}

/** The named versions of the commit, or all of them; with `--since` without those that the other commit has. */
async function chosen(
  clone: Clone,
  commit: string,
  ids: readonly string[],
  options: AttestOptions,
  runtime: CliRuntime,
): Promise<DesiredVersion[]> {
  const { source } = await lintSource(await loadConfig(options, runtime), clone.root, options.source)
  const all = await versionsAt(commit, source, clone.snapshot)
  const unknown = ids.find((id) => !all.has(id))
  if (unknown !== undefined)
    throw new UsageError(
      `Commit ${commit.slice(0, 12)} has no prompt "${unknown}".${didYouMean(unknown, [...all.keys()])}`,
    )
  const { since } = options
  const before =
    since === undefined ? null : await versionsAt(await clone.commitOf(since), source, clone.snapshot)
  return [...all.values()].filter(
    ({ id, identity }) => (ids.length === 0 || ids.includes(id)) && before?.get(id)?.identity !== identity,
  )
}

function attestationOf({ evidence, predicate, result, url }: AttestOptions, finishedAt: number): Attestation {
  return { evidence, predicate, result, finishedAt, url }
}

interface SignedVersion {
  readonly version: DesiredVersion
  readonly ref: string
  readonly envelope: EnvelopeDocument
}

function sign(version: DesiredVersion, key: KeyObject, attestation: Attestation): SignedVersion {
  const payload = statementBytes(evidenceStatement(version, attestation))
  const envelope = signEnvelope(STATEMENT_PAYLOAD_TYPE, payload, key)
  return { version, envelope, ref: evidenceRef(version, Buffer.from(fileOf(envelope))) }
}

function fileOf(envelope: EnvelopeDocument): string {
  return `${JSON.stringify(envelope)}\n`
}

async function send(
  clone: Clone,
  signed: readonly SignedVersion[],
  options: AttestOptions,
  runtime: CliRuntime,
): Promise<void> {
  if (options.to === 'git') return await push(clone, signed, options.remote)
  await withRegistry(options, runtime, 'read', async (api) => {
    for (const { version, envelope } of signed) await api.attest(version.id, envelope)
  })
}

async function push(clone: Clone, signed: readonly SignedVersion[], remote: string): Promise<void> {
  const refs = new Map<string, string>()
  for (const { ref, envelope } of signed) refs.set(ref, await clone.store(fileOf(envelope)))
  if (refs.size > 0) await clone.push(remote, refs)
}

function print(
  runtime: CliRuntime,
  commit: string,
  signed: readonly SignedVersion[],
  options: AttestOptions,
): void {
  const { evidence, result, to, remote, dryRun = false } = options
  if (wantsJson(options)) {
    const sent = !dryRun && signed.length > 0
    const where = { pushed: sent && to === 'git', posted: sent && to === 'registry' }
    printJson(runtime, { commit, evidence, result, ...where, statements: signed.map(documentOf) })
    return
  }
  for (const { version } of signed)
    printLine(runtime, `${version.id} ${version.version}: ${evidence} ${result}`)
  const count = signed.length === 1 ? '1 statement' : `${signed.length} statements`
  const done = to === 'git' ? `Pushed ${count} to ${remote}` : `Posted ${count} to the registry`
  const ending = dryRun ? `Dry run, nothing was sent: ${count}` : done
  printLine(runtime, signed.length === 0 ? 'No version to attest.' : `${ending}.`)
}

function documentOf({ version: { id, version, identity }, ref, envelope }: SignedVersion) {
  return { prompt_id: id, version, identity, ref, envelope }
}
