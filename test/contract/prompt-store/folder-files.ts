import { expect } from 'vitest'
import { type FolderFile, manifestText } from '../../../api/contract/folder-files.ts'
import { sha256 } from '../../../api/contract/index.ts'
import { scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase } from './harness.ts'

const TEXTS = ['', 'one\r\ntwo\r\n', '\uFEFF😀 é e\u0301 \u0001', "'; DROP TABLE files; --"]

/** The fields of a version with these texts as the other files of its folder. */
function withFiles(...texts: readonly string[]) {
  const files = texts.map((text, index): FolderFile => {
    return { path: `${index}.md`, bytes: Buffer.byteLength(text), sha256: sha256(text) }
  })
  const manifest = manifestText(files)
  return {
    manifest: { sha256: sha256(manifest), count: files.length, bytes: Buffer.byteLength(texts.join('')) },
    files: [manifest, ...texts].map((text) => ({ sha256: sha256(text), text })),
  }
}

export const folderFiles: readonly PromptStoreCase[] = [
  {
    name: 'keeps the files of a skill folder byte for byte',
    async run({ prompts }) {
      const script = scriptedPrompt('p/SKILL')
      const { files, manifest } = withFiles(...TEXTS)
      await commitAll(prompts, script.push('text', { version: 'a', files, manifest }))
      const snapshot = await prompts.snapshot('p/SKILL')
      expect(snapshot?.latest?.manifest).toEqual(manifest)
      for (const { sha256, text } of files) expect(await prompts.file('p/SKILL', sha256)).toBe(text)
      const missing = prompts.file('p/SKILL', sha256('other'))
      await expect(missing).rejects.toThrow(expect.objectContaining({ code: 'text_missing' }))
    },
  },
  {
    name: 'keeps a file of the largest size, and 500 of them',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const large = '😀'.repeat((1024 * 1024) / 4)
      const many = Array.from({ length: 500 }, (_, index) => `file ${index}`)
      await commitAll(
        prompts,
        script.push('one', withFiles(large)),
        script.push('two', withFiles(...many, 'file 0')),
      )
      expect((await prompts.file('p', sha256(large))) === large).toBe(true)
      expect(await prompts.file('p', sha256('file 499'))).toBe('file 499')
    },
  },
  {
    name: 'purges the files of a deleted prompt, also of revoked versions, and none of other prompts',
    async run({ prompts }) {
      const [script, other] = [scriptedPrompt('p'), scriptedPrompt('q')]
      const [both, first, second] = ['both', 'first', 'second'] as const
      await commitAll(
        prompts,
        script.push('one', { version: 'a', ...withFiles(both, first) }, { owner: 'git' }),
        script.push('two', { version: 'b', ...withFiles(both, second) }),
        other.push('one', withFiles(both)),
      )
      const revoked = { ...script.version('b'), status: 'revoked' as const, revokedScope: 'content' as const }
      await commitAll(prompts, script.amend({ versions: [revoked], events: ['revoked'] }))
      await prompts.purge('p')
      expect(await prompts.file('p', sha256(both))).toBe(both)
      const deleted = { at: '2026-02-01T00:00:00.000Z', actor: 'ada', source: 'git' }
      await commitAll(prompts, script.amend({ head: { deleted, latest: null }, events: ['deleted'] }))
      for (let times = 0; times < 2; times++) {
        await prompts.purge('p')
        const manifest = script.version('a').manifest?.sha256 ?? ''
        for (const digest of [manifest, ...[both, first, second].map(sha256)])
          await expect(prompts.file('p', digest)).rejects.toThrow(/missing/)
      }
      expect(await prompts.file('q', sha256(both))).toBe(both)
    },
  },
]
