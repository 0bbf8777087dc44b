import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LAYOUT_FILE } from '../../prompts/repository-layout.ts'
import { fail, type InstallationCheck, ok, warn } from './check.ts'

/** Only the account that runs promptctl may read the registry: it has every draft. */
export async function databaseFileCheck(file: string): Promise<InstallationCheck> {
  const mode = await modeOf(file)
  if (mode === null) return await folderCheck('registry file', dirname(file), `${file} does not exist yet`)
  if ((mode & 0o077) !== 0)
    return warn('registry file', `Other accounts can read ${file}.`, `Run: chmod 600 '${file}'`)
  if (!(await isWritable(file)))
    return fail('registry file', `This account cannot write ${file}.`, 'Run promptctl as its owner.')
  return await folderCheck('registry file', dirname(file), `${file} is private and writable`)
}

/** Whether a folder can be written; if it does not exist, whether it can be created. */
export async function folderCheck(name: string, folder: string, message: string): Promise<InstallationCheck> {
  const existing = await nearest(folder)
  if (await isWritable(existing)) return ok(name, message)
  return fail(
    name,
    `This account cannot write to ${existing}.`,
    `Change its owner, or run promptctl as the account that owns it.`,
  )
}

/** Whoever can write the configuration decides which repositories and signers count. */
export async function configFileCheck(file: string): Promise<InstallationCheck> {
  const mode = await modeOf(file)
  if (mode === null) return warn('configuration', `${file} does not exist.`, await missingAdvice(file))
  if ((mode & 0o002) === 0) return ok('configuration', `${file} names the sources and the registry`)
  return warn('configuration', `Every account can change ${file}.`, `Run: chmod o-w '${file}'`)
}

/** The layout of a repository has a similar name. */
async function missingAdvice(file: string): Promise<string> {
  const advice = 'Run promptctl init, or name a file with --config.'
  if ((await modeOf(join(dirname(file), LAYOUT_FILE))) === null) return advice
  return `${LAYOUT_FILE} is another file: it names the prompt folders of this repository. ${advice}`
}

async function modeOf(path: string): Promise<number | null> {
  return await stat(path).then(
    ({ mode }) => mode,
    () => null,
  )
}

async function nearest(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path))
    if ((await modeOf(path)) !== null || path === dirname(path)) return path
}

async function isWritable(path: string): Promise<boolean> {
  return await access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
}
