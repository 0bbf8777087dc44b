import type { PromptFault } from './spoiling.ts'

const KEPT = 'keeps the files of a skill folder byte for byte'

export const folderFiles: readonly PromptFault[] = [
  {
    name: 'keeps the files of skill folders without their line ends',
    caught: KEPT,
    spoil: (right) => ({
      file: async (id, sha256) => (await right.file(id, sha256)).replaceAll('\r\n', '\n'),
    }),
  },
  {
    name: 'keeps the first hundred files of a skill folder',
    caught: 'keeps a file of the largest size, and 500 of them',
    spoil: (right) => ({
      commit: async (change) => {
        const { content } = change
        const files = content?.files?.slice(0, 100)
        return await right.commit(
          files === undefined || content === null ? change : { ...change, content: { ...content, files } },
        )
      },
    }),
  },
  {
    name: 'purges no files of skill folders',
    caught: 'purges the files of a deleted prompt, also of revoked versions, and none of other prompts',
    spoil: (right) => {
      const seen = new Map<string, string>()
      return {
        async file(id, sha256) {
          const text = seen.get(sha256) ?? (await right.file(id, sha256))
          seen.set(sha256, text)
          return text
        },
      }
    },
  },
]
