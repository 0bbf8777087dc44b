import { RegistryError } from '../../api/contract/errors.ts'
import { parsePromptId } from '../../api/contract/prompt-id.ts'
import { downloadAnswer } from '../answers.ts'
import { versionText } from '../reading/version-text.ts'
import { queryOf, type Visit } from '../visit.ts'

/** The file of a version as a download, byte for byte. */
export async function rawFile(visit: Visit): Promise<Response> {
  const id = parsePromptId(visit.name)
  const { version, text, problem } = await versionText(visit.viewer.api, id, queryOf(visit, 'version'))
  if (version === null) throw new RegistryError('not_released', problem)
  const name = `${id.replaceAll('/', '-')}-${version.release ?? version.version}.txt`
  return downloadAnswer(text, 'text/plain; charset=utf-8', name.replaceAll(/[^\w.-]/g, '_'))
}
