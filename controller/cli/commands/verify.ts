import type { Command } from 'commander'
import { verificationKey } from '../../../api/contract/keys/verification-key.ts'
import { keyTexts } from '../../../client/key-texts.ts'
import { createVerifier } from '../../../client/verifier.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { CommandError } from '../failure.ts'
import { readText } from '../input.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { printTable } from '../table.ts'
import { readMaterial } from '../verify/material.ts'
import { chainOf, isProven, type PromptResult, type VerifyReport, verifyMaterial } from '../verify/report.ts'
import { servedMaterial } from '../verify/served-material.ts'

interface VerifyOptions extends CommonOptions {
  readonly key: string
  readonly emergencyKey?: string
}

export function verifyCommand({ runtime, exit }: CliContext): Command {
  return newCommand('verify', 'Verify prompts against signed sets', {
    group: 'read',
    examples: [
      'verify prompts.bundle --key release.pub',
      'verify prompts --key release.pub --emergency-key emergency.pub',
      'verify support/triage --key release.pub',
    ],
    notes:
      'A bundle and a folder that promptctl export wrote need no registry. Exits with 1 unless signed sets prove every prompt. Clients with the option verify check the same.',
  })
    .usage('[options] --key <file> <what>')
    .argument('<what>', 'Bundle, exported folder, or reference to a prompt of the registry')
    .requiredOption('--key <file>', 'File with the public keys of releases (required)')
    .option('--emergency-key <file>', 'File with the public keys of sets derived by hand')
    .action(async (path: string, options: VerifyOptions) => {
      const texts = {
        release: await readKeys(options.key, runtime),
        emergency: options.emergencyKey === undefined ? [] : await readKeys(options.emergencyKey, runtime),
      }
      const keys = {
        release: texts.release.map(verificationKey),
        emergency: texts.emergency.map(verificationKey),
      }
      const material =
        (await readMaterial(path, runtime.cwd)) ??
        (await withRegistry(options, runtime, 'read', (api) => servedMaterial(api, path)))
      const report = await verifyMaterial(material, keys, createVerifier(texts))
      if (wantsJson(options)) printJson(runtime, report)
      else print(runtime, report)
      if (!isProven(report)) exit(1)
    })
}

/** Throws `CommandError` for a file without a key, and for one that cannot verify. */
async function readKeys(file: string, runtime: CliRuntime): Promise<readonly string[]> {
  const texts = keyTexts(await readText(file, runtime))
  const problem = texts.length === 0 ? 'it has no key' : texts.map(keyProblem).find(Boolean)
  if (problem === undefined) return texts
  throw new CommandError('invalid_key', `${file} cannot verify anything: ${problem}.`)
}

function keyProblem(text: string): string | undefined {
  try {
    verificationKey(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function print(runtime: CliRuntime, { sets, prompts }: VerifyReport): void {
  for (const line of sets.flatMap(chainOf)) printLine(runtime, line)
  if (sets.length === 0) printLine(runtime, 'There is no signed set.')
  printTable(runtime, ['prompt', 'version', 'proven'], prompts.map(cellsOf))
}

function cellsOf({ reference, version, problem }: PromptResult): string[] {
  return [reference, version ?? '-', problem === null ? 'yes' : `no: ${problem}`]
}
