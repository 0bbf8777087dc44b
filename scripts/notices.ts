import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The licences of the packages in a bundle, which ask that their notices go along. `inputs`: the paths of its modules,
 * from `root`. Sorted by package.
 */
export function noticesOf(inputs: Iterable<string>, root: string): string {
  const folders = new Set(
    [...inputs].flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  )
  const notices = [...folders].toSorted().map((folder) => noticeOf(join(root, folder)))
  return `This bundle contains the following packages.\n\n${[...new Set(notices)].join('\n')}`
}

function noticeOf(folder: string): string {
  const read = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { name, version, license, homepage, repository } = read as Record<string, unknown>
  const source =
    typeof repository === 'string' ? repository : (repository as { url?: string } | undefined)?.url
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  const head = `${'-'.repeat(80)}\n${name} ${version} (${license})\n${source ?? homepage ?? ''}\n`
  return `${head}\n${texts.join('\n\n')}\n`
}
