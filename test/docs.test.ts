import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, ConfigSchema, readConfig } from '../controller/configuration/config.ts'
import { scratchFolder } from './support/scratch.ts'

/** The indented blocks of a page, without their indent. */
async function blocksOf(page: string): Promise<string[]> {
  const text = await readFile(new URL(`../${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/(?:^ {4}.*\n(?:\n(?= {4}))?)+/gm)].map(([block]) =>
    block.replaceAll(/^ {4}/gm, ''),
  )
}

async function read(text: string) {
  const folder = await scratchFolder()
  await mkdir(folder, { recursive: true })
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'
  await writeFile(join(folder, 'release-signers'), `ada@example.com ${key}\n`)
  await writeFile(join(folder, 'promptctl.yaml'), text)
  return await readConfig(join(folder, 'promptctl.yaml'))
}

test.each(['README.md', 'docs/sources.md'])('the configuration that %s shows is one', async (page) => {
  const shown = (await blocksOf(page)).filter((block) => /^sources:/m.test(block))
  expect(shown.length).toBeGreaterThan(0)
  for (const block of shown) {
    // A key of a person is nothing that a page could show.
    const config = await read(block.replaceAll(/^ *gpgKeyFiles: .*\n/gm, ''))
    expect(config.sources[0]?.name).toBe('support')
  }
})

test('the reference of a source names every field that there is', async () => {
  const [block = ''] = await blocksOf('docs/sources.md')
  const fields = Object.keys(ConfigSchema.shape.sources.unwrap().element.shape)
  const words = await readFile(new URL('../docs/sources.md', import.meta.url), 'utf8')
  const told = (field: string) =>
    new RegExp(`^ +(- )?${field}:`, 'm').test(block) || words.includes(`\`${field}`)
  expect(fields.filter((field) => !told(field))).toEqual([])
})

test('a block with a word that is none would be noticed', async () => {
  const [block = ''] = await blocksOf('docs/sources.md')
  await expect(read(block.replace('idPrefix', 'prefix'))).rejects.toThrow(ConfigError)
})
