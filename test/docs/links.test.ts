import { existsSync, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g

/** As hosts make the anchor of a heading. */
function anchorOf(heading: string): string {
  const plain = heading.replace(/[`*]/g, '').toLowerCase()
  return plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
}

async function leadsSomewhere(target: string, from: string): Promise<boolean> {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? from : join(dirname(from), path)
  if (!existsSync(file)) return false
  if (anchor === undefined) return true
  const headings = (await readFile(file, 'utf8')).matchAll(/^#+ (.+)$/gm)
  return [...headings].some(([, heading = '']) => anchorOf(heading) === anchor)
}

test.each(globSync(['*.md', '{docs,infra,examples}/**/*.md']))(
  'every link in %s leads somewhere',
  async (file) => {
    const links = (await readFile(file, 'utf8')).matchAll(LINK)
    const targets = [...links].map(([, target = '']) => target).filter((target) => !target.includes('://'))
    const lost: string[] = []
    for (const target of targets) if (!(await leadsSomewhere(target, file))) lost.push(target)
    expect(lost).toEqual([])
  },
)
